package gateway

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// listener picks the answer to one request out of what a line gives, and
// remembers what else it saw, to say why there was no answer.
type listener struct {
	asked   cjt188.Address
	control cjt188.Control
	query   cjt188.Query
	layout  cjt188.Layout

	answer  cjt188.Frame // its Data as the standard has it, without +33H
	refusal error

	stranger error // another meter's answer
	stale    error // an answer of the right meter to something else
}

// accept is shown the line's bytes; see link.Line.
func (l *listener) accept(stream []byte) (rest []byte, done bool) {
	for {
		f, _, rest, err := cjt188.Next(stream)
		if err != nil {
			return rest, false
		}
		if l.take(f) {
			return rest, true
		}
		stream = rest
	}
}

// take reports whether f is the answer.
func (l *listener) take(f cjt188.Frame) bool {
	if !f.Control.FromMeter() {
		return false // a master's: our own echo, behind noise
	}
	if f.Address != l.asked && l.asked != cjt188.AnyMeter() {
		l.stranger = fmt.Errorf("%w: %v instead of %v", meterproto.ErrWrongMeter, f.Address, l.asked)
		return false
	}
	f.Data = bytes.Clone(f.Data) // the stream goes on to be used
	l.layout.Unshift(f.Data)
	reply, err := cjt188.DecodeReply(l.control, f)
	if refused, ok := errors.AsType[*cjt188.AbnormalError](err); ok && refused.SER == l.query.SER {
		l.refusal = refused
		return true
	}
	if err != nil || reply.DI != l.query.DI || reply.SER != l.query.SER {
		l.stale = fmt.Errorf("%w: request %02X for %v", meterproto.ErrStale, l.query.SER, l.query.DI)
		return false
	}
	l.answer = f
	return true
}

// explain says more than the line can: it only knows that no answer was taken.
func (l *listener) explain(err error) error {
	switch {
	case !errors.Is(err, meterproto.ErrGarbage):
		return err
	case l.stale != nil:
		return l.stale
	case l.stranger != nil:
		return l.stranger
	}
	return err
}
