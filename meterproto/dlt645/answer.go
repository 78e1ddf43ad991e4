package dlt645

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Answers says whether a frame is the answer to another, a refusal included. A
// line also carries our own echo, answers of other meters and late ones. Errors:
// ErrMalformed where no meter sent it, meterproto.ErrWrongMeter, and
// meterproto.ErrStale where the right meter answers another request.
func Answers(got, asked Frame) error {
	switch {
	case !got.Control.FromMeter():
		return fmt.Errorf("%w: control %v is a master's", ErrMalformed, got.Control)
	case !asked.Address.Matches(got.Address):
		return fmt.Errorf("%w: %v, asked %v", meterproto.ErrWrongMeter, got.Address, asked.Address)
	case got.Control.Function() != asked.Control.Function():
		return fmt.Errorf("%w: control %v, asked %v", meterproto.ErrStale, got.Control, asked.Control)
	case got.Control.Abnormal() || !repeatsDI(got, asked):
		return nil
	}
	want, _, err := asked.CutDI()
	if err != nil {
		return err
	}
	di, _, err := got.CutDI()
	if err != nil {
		return err
	}
	if di != want {
		return fmt.Errorf("%w: identifier %v, asked %v", meterproto.ErrStale, di, want)
	}
	return nil
}

// repeatsDI reports whether the answer to a frame begins with the request's DI. A
// security command may be answered with nothing.
func repeatsDI(got, asked Frame) bool {
	switch asked.Control {
	case ReadData, ReadMore, ReadData97, ReadMore97:
		return true
	case Security:
		return asked.Edition() == Of2007 && len(got.Data) > 0
	}
	return false
}

// Done is nil where a frame says that a meter did what c asked: an answer without
// data, as to a write, a freeze or the relay. Else the refusal, or ErrMalformed.
func Done(f Frame, c Control) error {
	if err := Refused(f); err != nil {
		return err
	}
	if f.Control != c.Reply() || len(f.Data) != 0 {
		return malformed(f, fmt.Sprintf("answer to %v", c))
	}
	return nil
}

// DoneFrame is the answer of meter a that it did what c asked.
func DoneFrame(a Address, c Control) Frame { return Frame{Address: a, Control: c.Reply()} }
