package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// conversation is everything that stays the same while one meter is read.
type conversation struct {
	line    Line
	options CJT188
	ser     *Counter
	meter   cjt188.Address // AnyMeter until somebody answered
}

// newConversation checks the arguments: nothing is sent where they are wrong.
func newConversation(line Line, address string, o CJT188) (*conversation, error) {
	meter, err := cjt188.ParseAddress(address)
	if err != nil {
		return nil, err
	}
	if _, err := cjt188.AppendPreamble(nil, o.Preamble); err != nil {
		return nil, err
	}
	if o.Credit != 0 {
		if _, err := (cjt188.Purchases{}).Volumes(o.Credit); err != nil {
			return nil, err
		}
	}
	c := &conversation{line: line, options: o, ser: o.SER, meter: meter}
	if c.ser == nil {
		c.ser = randomCounter()
	}
	return c, nil
}

// ask reads one data identifier, and tries again as often as the protocol
// allows where another try can help. If all fail, it returns the last error that
// says more than silence does.
func ask[T any](ctx context.Context, c *conversation, di cjt188.DI, decode func([]byte) (T, error)) (T, error) {
	var told error
	for try := 0; ; try++ {
		v, err := askOnce(ctx, c, di, decode)
		if err == nil || !worthwhile(err) || ctx.Err() != nil {
			return v, err
		}
		if told == nil || !errors.Is(err, meterproto.ErrNoAnswer) {
			told = err
		}
		if try >= c.options.Timing.Retries {
			return v, fmt.Errorf("%d tries for %v: %w", try+1, di, told)
		}
	}
}

// worthwhile reports whether the same request may fare better the next time.
func worthwhile(err error) bool {
	return errors.Is(err, meterproto.ErrNoAnswer) || errors.Is(err, meterproto.ErrGarbage) ||
		errors.Is(err, meterproto.ErrWrongMeter) || errors.Is(err, meterproto.ErrStale)
}

// askOnce is one request with a number of its own, and the answer to it. Where
// a field is wrong no value leaves: the sum of a frame is eight bits, so one
// broken frame in 256 passes it.
func askOnce[T any](ctx context.Context, c *conversation, di cjt188.DI, decode func([]byte) (T, error)) (T, error) {
	var none T
	values, err := c.exchange(ctx, cjt188.Query{DI: di, Order: c.options.Order, SER: c.ser.Next()})
	if err != nil {
		return none, err
	}
	v, err := decode(values)
	if _, ok := errors.AsType[*cjt188.FieldError](err); ok {
		return none, fmt.Errorf("%w: %w", meterproto.ErrGarbage, err)
	}
	if err != nil {
		return none, err
	}
	return v, nil
}

// exchange sends the query and returns the values of the answer.
func (c *conversation) exchange(ctx context.Context, q cjt188.Query) ([]byte, error) {
	request, err := cjt188.AppendPreamble(nil, c.options.Preamble)
	if err != nil {
		return nil, err
	}
	request, err = cjt188.ReadRequest(c.options.Type, c.meter, q).AppendTo(request)
	if err != nil {
		return nil, err
	}
	l := listener{asked: c.meter, query: q}
	if err := c.line.Exchange(ctx, request, c.options.Timing, l.accept); err != nil {
		return nil, l.explain(err)
	}
	if l.refusal == nil {
		c.meter = l.from
	}
	return l.values, l.refusal
}
