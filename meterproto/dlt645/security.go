package dlt645

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// The identifiers of function 03 that this package builds and reads (§5).
const (
	Identify     uint32 = 0x070000FF // identity authentication
	OpenAccount  uint32 = 0x070101FF
	Recharge     uint32 = 0x070102FF
	AskAccount   uint32 = 0x078102FF
	ReadESAM     uint32 = 0x078001FF
	SetLifetime  uint32 = 0x070001FF
	InitPurse    uint32 = 0x070103FF
	RefundVendor uint32 = 0x070108FF
)

// SecurityCommand is any security command (C = 03): what the keys prove is in its Payload.
type SecurityCommand struct {
	DI       DI
	Operator Operator
	Payload  []byte
}

// Frame is the request to meter a.
func (c SecurityCommand) Frame(a Address) Frame {
	data := append(c.DI.appendTo(nil), c.Operator[:]...)
	return Frame{Address: a, Control: Security, Data: append(data, c.Payload...)}
}

// DecodeSecurityCommand reads a request that SecurityCommand.Frame made. Its
// Payload is a part of f.Data. It fails with ErrMalformed where the frame is
// anything else, above all a 1997 meter's repetition.
func DecodeSecurityCommand(f Frame) (c SecurityCommand, err error) {
	if f.Control != Security || f.Edition() != Of2007 || len(f.Data) < diSize+operatorSize {
		return SecurityCommand{}, malformed(f, "security command")
	}
	c.DI, c.Payload, err = cutDI(Of2007, f.Data)
	c.Operator, c.Payload = Operator(c.Payload[:operatorSize]), c.Payload[operatorSize:]
	return c, err
}

// SecurityAnswer is a meter's answer that it did what it was commanded. Some
// meters leave out even the identifier: then DI is the zero DI.
type SecurityAnswer struct {
	DI      DI
	Payload []byte
}

// Frame is the answer as meter a sends it.
func (s SecurityAnswer) Frame(a Address) Frame {
	f := Frame{Address: a, Control: Security.Reply()}
	if s.DI != (DI{}) {
		f.Data = append(s.DI.appendTo(nil), s.Payload...)
	}
	return f
}

// DecodeSecurityAnswer reads the answer to the command di. Its Payload is a part
// of f.Data. Errors: those of [Refused]; meterproto.ErrStale where it answers
// another command; ErrMalformed.
func DecodeSecurityAnswer(f Frame, di uint32) (s SecurityAnswer, err error) {
	if err := Refused(f); err != nil {
		return SecurityAnswer{}, err
	}
	if f.Control != Security.Reply() {
		return SecurityAnswer{}, malformed(f, "answer to a security command")
	}
	if len(f.Data) == 0 {
		return SecurityAnswer{}, nil
	}
	if s.DI, s.Payload, err = cutDI(Of2007, f.Data); err != nil {
		return SecurityAnswer{}, err
	}
	if s.DI.Code != di {
		return SecurityAnswer{}, fmt.Errorf("%w: identifier %v, asked %v", meterproto.ErrStale, s.DI, ID(di))
	}
	return s, nil
}

// payload is the answer's payload where it has n bytes.
func (s SecurityAnswer) payload(n int) ([]byte, error) {
	if len(s.Payload) != n {
		return nil, fmt.Errorf("%w: the answer to %v has %d bytes, want %d", ErrMalformed, s.DI, len(s.Payload), n)
	}
	return s.Payload, nil
}
