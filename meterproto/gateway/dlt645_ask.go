package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// exchange sends one frame and returns the answer to it, a refusal included.
func (d DLT645) exchange(ctx context.Context, line Line, asked dlt645.Frame) (dlt645.Frame, error) {
	request, err := dlt645.AppendPreamble(nil, d.Preamble)
	if err != nil {
		return dlt645.Frame{}, err
	}
	if request, err = asked.AppendTo(request); err != nil {
		return dlt645.Frame{}, err
	}
	l := dlt645Listener{asked: asked}
	if err := line.Exchange(ctx, request, d.Timing, l.accept); err != nil {
		return dlt645.Frame{}, l.explain(err)
	}
	return l.answer, nil
}

// dlt645Listener picks the answer to one request out of what a line gives, and
// remembers what else it saw, to say why there was no answer.
type dlt645Listener struct {
	asked    dlt645.Frame
	answer   dlt645.Frame
	stale    error // an answer of the right meter to something else
	stranger error // another meter's answer
}

// accept is shown the line's bytes; see link.Line.
func (l *dlt645Listener) accept(stream []byte) (rest []byte, done bool) {
	for {
		f, _, rest, err := dlt645.Next(nil, stream)
		if err != nil {
			return rest, false
		}
		switch err := dlt645.Answers(f, l.asked); {
		case err == nil:
			l.answer = f
			return rest, true
		case errors.Is(err, meterproto.ErrWrongMeter):
			l.stranger = err
		case errors.Is(err, meterproto.ErrStale):
			l.stale = err
		}
		stream = rest
	}
}

// explain says more than the line can: it only knows that no answer was taken.
func (l *dlt645Listener) explain(err error) error {
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

// ask reads one identifier, with repetitions and whatever follows. It returns the
// address that answered.
func (d DLT645) ask(ctx context.Context, line Line, a dlt645.Address, di dlt645.DI) (dlt645.Reply, dlt645.Address, error) {
	reply, err := retry(ctx, d.Timing, di.String(), func() (dlt645.Reply, error) { return d.askOnce(ctx, line, &a, di) })
	if err != nil || !reply.More {
		return reply, a, err
	}
	parts := dlt645.Assemble(reply)
	for next, more := parts.Next(); more; next, more = parts.Next() {
		_, err := retry(ctx, d.Timing, di.String(), func() (struct{}, error) { return struct{}{}, d.follow(ctx, line, a, parts, next) })
		if err != nil {
			return reply, a, err
		}
	}
	return parts.Reply(), a, readable(parts.Reply())
}

// askOnce is one try. Who answers to a wildcard is asked by its number from then on.
func (d DLT645) askOnce(ctx context.Context, line Line, a *dlt645.Address, di dlt645.DI) (dlt645.Reply, error) {
	asked, err := dlt645.Read{DI: di}.Frame(*a)
	if err != nil {
		return dlt645.Reply{}, err
	}
	answer, err := d.exchange(ctx, line, asked)
	if err != nil {
		return dlt645.Reply{}, err
	}
	reply, err := dlt645.DecodeReply(answer)
	if err == nil && !reply.More {
		err = readable(reply)
	}
	if err == nil {
		*a = answer.Address
	}
	return reply, err
}

// follow gets one part of a long answer.
func (d DLT645) follow(ctx context.Context, line Line, a dlt645.Address, parts *dlt645.Assembly, next dlt645.FollowUp) error {
	answer, err := d.exchange(ctx, line, next.Frame(a))
	if err != nil {
		return err
	}
	part, err := dlt645.DecodePart(answer)
	if err != nil {
		return err
	}
	if err := parts.Add(part); errors.Is(err, dlt645.ErrSequence) {
		return fmt.Errorf("%w: %w", meterproto.ErrStale, err)
	} else if err != nil {
		return err
	}
	return nil
}

// readable says whether every field of an answer can be read: where one cannot, no
// value leaves. The sum of a frame is eight bits, so one broken frame in 256 passes it.
func readable(r dlt645.Reply) error {
	_, err := dlt645.AppendRegisters(nil, r)
	if _, ok := errors.AsType[*dlt645.FieldError](err); ok {
		return fmt.Errorf("%w: %w", meterproto.ErrGarbage, err)
	}
	return err
}
