package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/vending"
)

// Valve is the valve of a meter on a line: see intake.Wire.
type Valve interface {
	Turn(ctx context.Context, open bool) error
	Stands(context.Context) (open, known bool, err error)
}

// ValveOrder turns the valve of a customer's meter.
type ValveOrder struct {
	Open            bool
	Seen, SeenAgain string // the meter number, confirmed twice (RULES A8)
}

// valveLooks bounds how often the valve is looked at before it is said that nothing is proved: it takes seconds to turn,
// and a question on a line takes a good part of one.
const valveLooks = 8

// TurnValve opens or shuts a valve and proves by reading it back that it did. Never the wrong household (RULES A8): the
// number is confirmed twice, and an order to shut needs a reason. The order is in the audit record before a byte is
// sent. The same deed again looks first and sends nothing where the valve stands as it should; done is false then.
// It fails with vending.ErrValveUnproved where nothing is proved, and with vending.ErrMeterDeclined where the meter
// declined. An order to open does not open where there is no credit: that is the meter's own business, and unproved.
func (d *Desk) TurnValve(ctx context.Context, deed vending.Deed, m vending.LineMeter, o ValveOrder, v Valve) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedValve, []any{m.Meter, o}
	if err := o.may(deed, m.Meter); err != nil {
		return false, err
	}
	fresh, err := d.order(ctx, m, deed, "valve open", o.Open)
	if err != nil || d.dryRun {
		return false, err
	}
	if !fresh {
		if open, known, err := v.Stands(ctx); err == nil && known && open == o.Open {
			return false, nil
		}
	}
	return true, o.turn(ctx, m.Meter, v)
}

// may says why an order may not be given.
func (o ValveOrder) may(deed vending.Deed, meter string) error {
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return err
	}
	if o.Seen != meter || o.SeenAgain != meter {
		return vending.ErrSeenTwice.With("Meter", meter, "Seen", o.Seen, "SeenAgain", o.SeenAgain)
	}
	if !o.Open && deed.Why == "" {
		return vending.ErrReasonMissing
	}
	return nil
}

// turn sends the order and looks until the valve stands as it should. What the meter acknowledges proves nothing.
func (o ValveOrder) turn(ctx context.Context, meter string, v Valve) error {
	said := v.Turn(ctx, o.Open)
	if errors.Is(said, vending.ErrNoValve) {
		return said
	}
	for range valveLooks {
		open, known, err := v.Stands(ctx)
		if err == nil && known && open == o.Open {
			return nil
		}
		if err != nil {
			said = errors.Join(said, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	if errors.Is(said, vending.ErrMeterDeclined) {
		return said
	}
	return errors.Join(vending.ErrValveUnproved.With("Meter", meter), said)
}
