package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// exchange sends one request and takes the answer to it, of the kind that is
// wanted.
func (t *mbusTalk) exchange(ctx context.Context, request mbus.Frame, want mbus.Kind) (mbus.Frame, error) {
	b, err := request.AppendTo(nil)
	if err != nil {
		return mbus.Frame{}, err
	}
	l := mbusListener{talk: t, want: want}
	if err := t.line.Exchange(ctx, b, t.Timing, l.accept); err != nil {
		if errors.Is(err, meterproto.ErrGarbage) && l.stranger != nil {
			err = l.stranger
		}
		return mbus.Frame{}, err
	}
	return l.answer, l.refusal
}

// mbusListener picks the answer to one request out of what a line gives.
type mbusListener struct {
	talk *mbusTalk
	want mbus.Kind

	answer   mbus.Frame
	refusal  error
	stranger error // another meter's answer
}

// accept is shown the line's bytes; see link.Line.
func (l *mbusListener) accept(stream []byte) (rest []byte, done bool) {
	for {
		f, _, rest, err := mbus.Next(stream)
		if err != nil {
			return rest, false
		}
		if l.take(f) {
			return rest, true
		}
		stream = rest
	}
}

// take reports whether f is the answer. A late answer with data is none to a
// request that wants an E5, nor is our own echo.
func (l *mbusListener) take(f mbus.Frame) bool {
	if f.Kind != l.want || f.Kind == mbus.Long && f.Control.FromMaster() {
		return false
	}
	if f.Kind == mbus.Ack {
		return true
	}
	f.Data = bytes.Clone(f.Data) // the stream goes on to be used
	r, err := mbus.DecodeResponse(f)
	if l.stranger = l.talk.stranger(f, r); l.stranger != nil {
		return false
	}
	if refused, ok := errors.AsType[*mbus.ApplicationError](err); ok {
		l.refusal = refused
	}
	l.answer = f
	return true
}

// stranger is what is wrong with an answer from a meter that was not asked. A
// selected meter answers with any primary address, and is known by the rest.
func (t *mbusTalk) stranger(f mbus.Frame, r mbus.Response) error {
	if t.primary != mbus.Selected && f.Address != t.primary {
		return fmt.Errorf("%w: %d instead of %d", meterproto.ErrWrongMeter, f.Address, t.primary)
	}
	if x, err := mbus.DecodeFixed(f); err == nil {
		r.Header.Secondary = mbus.Secondary{ID: x.ID, Manufacturer: t.mask.Manufacturer, Version: t.mask.Version, Medium: t.mask.Medium}
	} else if !r.Identified() {
		return nil
	}
	if !t.mask.Matches(r.Header.Secondary) {
		return fmt.Errorf("%w: %v instead of %v", meterproto.ErrWrongMeter, r.Header.Secondary, t.mask)
	}
	return nil
}
