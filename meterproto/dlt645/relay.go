package dlt645

import (
	"fmt"
	"time"
)

// Command is N1 of a relay command (§4).
type Command byte

// The commands.
const (
	Trip        Command = 0x1A
	PermitClose Command = 0x1B // a person closes it at the meter
	Close       Command = 0x1C // newer meters
	AlarmOn     Command = 0x2A
	AlarmOff    Command = 0x2B
	KeepSupply  Command = 0x3A
	Release     Command = 0x3B // ends KeepSupply
)

// Meaning is what the command does, "" where it is none of the table.
func (c Command) Meaning() string {
	switch c {
	case Trip:
		return "trip"
	case PermitClose:
		return "permit closing"
	case Close:
		return "close"
	case AlarmOn:
		return "alarm"
	case AlarmOff:
		return "alarm off"
	case KeepSupply:
		return "keep supply"
	case Release:
		return "release keep supply"
	}
	return ""
}

// Relay switches supply or alarm (C = 1C). It is answered as [Done] reads it; what
// came of it is status word 3.
type Relay struct {
	Grant    Grant
	Command  Command
	Delay    byte      // N2, the maker's; 0 by the standard
	Deadline time.Time // after it the meter takes the command no more; cut to the second
}

const (
	relayHead = 2 // N1 N2
	relaySize = relayHead + len(timeLayout)
)

// Frame is the request to meter a, in plain. It fails with ErrDate where the
// deadline is outside the century of the wire, and with ErrSealed where the level
// wants a MAC: that is RelaySealed's.
func (r Relay) Frame(a Address) (Frame, error) {
	if r.Grant.Access.Sealed() {
		return Frame{}, fmt.Errorf("%w: level %02X", ErrSealed, r.Grant.Access.Level)
	}
	body, err := r.body()
	if err != nil {
		return Frame{}, err
	}
	return Frame{Address: a, Control: SwitchRelay, Data: append(r.Grant.appendTo(nil), body...)}, nil
}

func (r Relay) body() ([]byte, error) {
	return appendClock([]byte{byte(r.Command), r.Delay}, r.Deadline, timeLayout)
}

// DecodeRelay reads a request that Relay.Frame made. Errors: ErrMalformed where
// the frame is anything else, ErrSealed where only the meter's ESAM can read it,
// ErrDate, *bcd.DigitError.
func DecodeRelay(f Frame) (r Relay, err error) {
	if f.Control != SwitchRelay || len(f.Data) < grantSize {
		return Relay{}, malformed(f, "relay command")
	}
	var body []byte
	if r.Grant, body = cutGrant(f.Data); r.Grant.Access.Sealed() {
		return Relay{}, fmt.Errorf("%w: level %02X", ErrSealed, r.Grant.Access.Level)
	}
	if len(body) != relaySize {
		return Relay{}, malformed(f, "relay command")
	}
	r.Command, r.Delay = Command(body[0]), body[1]
	if r.Deadline, err = decodeClock(body[relayHead:], timeLayout); err != nil {
		return Relay{}, err
	}
	return r, nil
}
