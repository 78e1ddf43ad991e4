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
	reading, err := readingOf(register)
	if err != nil {
		return meterproto.Reading{}, err
	}
	reading.Meter = c.meter.String()
	if d.Credit == 0 {
		return reading, nil
	}
	bought, err := c.purchases(ctx)
	if err != nil {
		return reading, err
	}
	return withPurchases(reading, bought, d.Credit)
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

// readingOf is the register's part of a reading. A heat meter's energy is among
// its registers: what it counts is no volume.
func readingOf(c cjt188.Content) (r meterproto.Reading, err error) {
	var status cjt188.Status
	switch m := c.Message.(type) {
	case *cjt188.Flow:
		r.Time, status = m.Time, m.Status
		if r.Consumed, err = m.Current.Volume(); err == nil {
			r.Settled, err = m.Settled.Volume()
		}
	case *cjt188.Heat:
		r.Time, status = m.Time, m.Status
	case *cjt188.Heat2018:
		r.Time, status = m.Time, m.Status
	default:
		return r, fmt.Errorf("%w: %T is no register", meterproto.ErrLayout, m)
	}
	r.ValveOpen, r.BatteryLow = status.ValveIsOpen(), status.BatteryLow()
	r.Registers = cjt188.AppendRegisters(nil, c.Items)
	return r, err
}

// withPurchases adds the second answer. Its status is the later one.
func withPurchases(r meterproto.Reading, c cjt188.Content, credit cjt188.Credit) (meterproto.Reading, error) {
	p, ok := c.Message.(*cjt188.Purchases)
	if !ok {
		return r, fmt.Errorf("%w: %T are no purchases", meterproto.ErrLayout, c.Message)
	}
	if credit == cjt188.CreditVolume {
		volumes, err := p.Volumes(credit)
		if err != nil {
			return r, err
		}
		r.Purchases = &volumes
	}
	r.ValveOpen, r.BatteryLow = p.Status.ValveIsOpen(), p.Status.BatteryLow()
	r.Registers = cjt188.AppendRegisters(r.Registers, c.Items)
	return r, nil
}

// purchases asks what the meter has taken.
func (c *conversation) purchases(ctx context.Context) (cjt188.Content, error) {
	bought, err := c.ask(ctx, cjt188.DIPurchases)
	if err != nil {
		return bought, fmt.Errorf("read the purchases of meter %v: %w", c.meter, err)
	}
	return bought, nil
}
