package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// Read asks the meter with this address (14 digits; 14 times A asks whichever
// meter is alone on the line) for its register and, where d.Credit says what
// they are counted in, its purchases.
//
// Errors are as Driver says. Where the register was read and the purchases were
// not, the reading with the register comes with the error.
func (d CJT188) Read(ctx context.Context, line Line, address string) (meterproto.Reading, error) {
	c, err := d.talk(line, address)
	if err != nil {
		return meterproto.Reading{}, err
	}
	register, err := c.register(ctx)
	if err != nil {
		return meterproto.Reading{}, fmt.Errorf("read the register of meter %s: %w", address, err)
	}
	reading := meterproto.Reading{Meter: c.meter.String()}
	if err := register.AddTo(&reading, d.Credit); err != nil {
		return meterproto.Reading{}, err
	}
	if d.Credit == 0 {
		return reading, nil
	}
	bought, err := c.purchases(ctx)
	if err != nil {
		return reading, err
	}
	err = bought.AddTo(&reading, d.Credit)
	return reading, err
}

// register asks for DI 901F. Whoever answered to AA… is asked again by its number:
// where two talk at once, one collision in some hundreds has a right sum of
// eight bits, and then the number is nobody's.
func (c *conversation) register(ctx context.Context) (cjt188.Content, error) {
	whoever := c.meter == cjt188.AnyMeter()
	content, err := c.ask(ctx, cjt188.DIFlow)
	if err != nil || !whoever {
		return content, err
	}
	content, err = c.ask(ctx, cjt188.DIFlow)
	if errors.Is(err, meterproto.ErrNoAnswer) {
		err = fmt.Errorf("%w: %v answered and is not there; is more than one meter on the line?", meterproto.ErrGarbage, c.meter)
	}
	return content, err
}

// purchases asks what the meter has taken.
func (c *conversation) purchases(ctx context.Context) (cjt188.Content, error) {
	bought, err := c.ask(ctx, cjt188.DIPurchases)
	if err != nil {
		return bought, fmt.Errorf("read the purchases of meter %v: %w", c.meter, err)
	}
	return bought, nil
}
