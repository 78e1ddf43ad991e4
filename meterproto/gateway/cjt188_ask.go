package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// conversation is everything that stays the same while one meter is asked.
type conversation struct {
	CJT188
	line  Line
	meter cjt188.Address // AnyMeter until somebody answered
}

// talk checks the arguments: nothing is sent where they are wrong.
func (d CJT188) talk(line Line, address string) (*conversation, error) {
	meter, err := cjt188.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	if d.SER == nil {
		d.SER = randomCounter()
	}
	return &conversation{CJT188: d, line: line, meter: meter}, nil
}

// ask reads one data identifier, with repetitions.
func (c *conversation) ask(ctx context.Context, di cjt188.DI) (cjt188.Content, error) {
	return retry(ctx, c.Timing, di.String(), func() (cjt188.Content, error) {
		return c.exchange(ctx, cjt188.ReadData, di, nil)
	})
}

// exchange sends one request with a number of its own, and returns the answer to
// it. Where a field is wrong no value leaves: the sum of a frame is eight bits, so
// one broken frame in 256 passes it.
func (c *conversation) exchange(ctx context.Context, control cjt188.Control, di cjt188.DI, values []byte) (cjt188.Content, error) {
	q := cjt188.Query{DI: di, Order: c.Order, SER: c.SER.Next()}
	f := cjt188.Request(control, c.Type, c.meter, q, values)
	c.Layout.Shift(f.Data)
	request, err := cjt188.AppendPreamble(nil, c.Preamble)
	if err != nil {
		return cjt188.Content{}, err
	}
	if request, err = f.AppendTo(request); err != nil {
		return cjt188.Content{}, err
	}
	l := listener{asked: c.meter, control: control, query: q, layout: c.Layout}
	if err := c.line.Exchange(ctx, request, c.Timing, l.accept); err != nil {
		return cjt188.Content{}, l.explain(err)
	}
	if l.refusal != nil {
		return cjt188.Content{}, l.refusal
	}
	c.meter = l.answer.Address
	return contentOf(l.answer, c.Layout)
}

// contentOf is what the answer says, in the model's layout.
func contentOf(f cjt188.Frame, l cjt188.Layout) (cjt188.Content, error) {
	l.Plus33 = false // the listener has taken it off
	content := cjt188.Read(f, l)
	if _, ok := errors.AsType[*cjt188.FieldError](content.Err); ok {
		return cjt188.Content{}, fmt.Errorf("%w: %w", meterproto.ErrGarbage, content.Err)
	}
	if content.Err == nil && content.Message == nil && len(content.Rest) > 0 {
		content.Err = fmt.Errorf("%w: %d bytes for %v", meterproto.ErrLayout, len(content.Rest), content.DI)
	}
	return content, content.Err
}
