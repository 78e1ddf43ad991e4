package cjt188

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Reply is a meter's answer: the query again, then values, which DecodeValues
// reads. Unknown layouts stay raw bytes.
type Reply struct {
	Query
	Values []byte // a part of the frame's Data
}

// Frame is the answer to a read as meter a, of type t, sends it.
func (r Reply) Frame(t byte, a Address) Frame { return r.FrameTo(ReadData, t, a) }

// FrameTo is the answer to a request with this control byte.
func (r Reply) FrameTo(c Control, t byte, a Address) Frame {
	return Frame{Type: t, Address: a, Control: c.Reply(), Data: append(r.AppendTo(nil), r.Values...)}
}

// DecodeReply reads the answer to a request with this control byte. Errors:
// *AbnormalError where the meter refuses, ErrMalformed where the frame is no such
// answer.
func DecodeReply(c Control, f Frame) (Reply, error) {
	if f.Control == c.Refusal() {
		return Reply{}, decodeAbnormal(f)
	}
	if f.Control != c.Reply() || len(f.Data) < querySize {
		return Reply{}, fmt.Errorf("%w: control %v with %d bytes is no answer to %v", ErrMalformed, f.Control, len(f.Data), c)
	}
	return Reply{Query: decodeQuery(f.Data), Values: f.Data[querySize:]}, nil
}

// AbnormalError is a meter's refusal (§1.3): it does not say of what, only the
// request's number and its status. errors.Is knows it as meterproto.ErrAbnormal.
type AbnormalError struct {
	SER    byte
	Status Status
}

func (e *AbnormalError) Error() string {
	return fmt.Sprintf("%v: request %02X, status %v", meterproto.ErrAbnormal, e.SER, e.Status)
}

// Unwrap is the sentinel callers branch on.
func (e *AbnormalError) Unwrap() error { return meterproto.ErrAbnormal }

// Frame is the refusal of a read as meter a, of type t, sends it.
func (e *AbnormalError) Frame(t byte, a Address) Frame { return e.FrameTo(ReadData, t, a) }

// FrameTo is the refusal of a request with this control byte.
func (e *AbnormalError) FrameTo(c Control, t byte, a Address) Frame {
	return Frame{Type: t, Address: a, Control: c.Refusal(), Data: append([]byte{e.SER}, e.Status[:]...)}
}

// decodeAbnormal is the refusal in f as an error, or what is wrong with f.
func decodeAbnormal(f Frame) error {
	if len(f.Data) != 1+len(Status{}) {
		return fmt.Errorf("%w: a refusal with %d bytes, want 3", ErrMalformed, len(f.Data))
	}
	return &AbnormalError{SER: f.Data[0], Status: Status(f.Data[1:])}
}
