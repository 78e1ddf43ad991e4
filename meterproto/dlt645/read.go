package dlt645

import (
	"fmt"
	"time"
)

// Read asks for what a meter keeps under an identifier (C = 11, 1997: 01). Load
// records are asked for with how many Blocks and, mostly, From when.
type Read struct {
	DI     DI
	Blocks uint8     // 0: no load record
	From   time.Time // cut to the minute; zero: from the first
}

const readFrom = "mhDMY"

// Frame is the request to meter a. It fails with ErrDate where From is outside
// the century of the wire, and with ErrMalformed where From has no Blocks.
func (r Read) Frame(a Address) (Frame, error) {
	f := Frame{Address: a, Control: ReadData, Data: r.DI.appendTo(nil)}
	if r.DI.Edition == Of1997 {
		f.Control = ReadData97
	}
	switch {
	case r.Blocks > 0:
		f.Data = append(f.Data, r.Blocks)
	case !r.From.IsZero():
		return Frame{}, fmt.Errorf("%w: a read from a time on says how many blocks", ErrMalformed)
	}
	if r.From.IsZero() {
		return f, nil
	}
	var err error
	f.Data, err = appendClock(f.Data, r.From, readFrom)
	return f, err
}

// DecodeRead reads a request that Read.Frame made. It fails with ErrMalformed
// where the frame is anything else, with ErrDate or a *bcd.DigitError where the
// time is none.
func DecodeRead(f Frame) (r Read, err error) {
	edition, ok := readEdition(f.Control, ReadData97, ReadData)
	if !ok {
		return Read{}, malformed(f, "read request")
	}
	var rest []byte
	if r.DI, rest, err = cutDI(edition, f.Data); err != nil {
		return Read{}, err
	}
	switch len(rest) {
	case 0:
		return r, nil
	case 1 + len(readFrom):
		if r.From, err = decodeClock(rest[1:], readFrom); err != nil {
			return Read{}, err
		}
		fallthrough
	case 1:
		if r.Blocks = rest[0]; r.Blocks > 0 {
			return r, nil
		}
	}
	return Read{}, malformed(f, "read request")
}

// Reply is a meter's answer to a read: the identifier again, then values whose
// layout the identifier tells.
type Reply struct {
	DI     DI
	Values []byte
	More   bool // the values go on in follow-up frames: see [Assembly]
}

// Frame is the answer as meter a sends it.
func (r Reply) Frame(a Address) Frame {
	f := Frame{Address: a, Control: ReadData.Reply(), Data: append(r.DI.appendTo(nil), r.Values...)}
	if r.DI.Edition == Of1997 {
		f.Control = ReadData97.Reply()
	}
	if r.More {
		f.Control |= moreFollows
	}
	return f
}

// DecodeReply reads the answer to a read. Its Values are a part of f.Data. Errors:
// those of [Refused] where the meter refuses, ErrMalformed where the frame is no
// such answer.
func DecodeReply(f Frame) (r Reply, err error) {
	if err := Refused(f); err != nil {
		return Reply{}, err
	}
	edition, ok := readEdition(f.Control&^moreFollows, ReadData97.Reply(), ReadData.Reply())
	if !ok {
		return Reply{}, malformed(f, "answer to a read")
	}
	r.More = f.Control.MoreFollows()
	r.DI, r.Values, err = cutDI(edition, f.Data)
	return r, err
}

// readEdition is the edition in which a control byte is the message that is
// looked for.
func readEdition(c, of1997, of2007 Control) (Edition, bool) {
	switch c {
	case of1997:
		return Of1997, true
	case of2007:
		return Of2007, true
	}
	return Unknown, false
}

// malformed says that a frame is not the message that was looked for.
func malformed(f Frame, want string) error {
	return fmt.Errorf("%w: control %v with %d bytes is no %s", ErrMalformed, f.Control, len(f.Data), want)
}
