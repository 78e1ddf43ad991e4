package counter

import (
	"context"
	"errors"
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Clock is the clock of a meter on a line: see intake.Wire.
type Clock interface {
	SetTime(context.Context, time.Time) error
	Clock(context.Context) (time.Time, error)
}

// Register is the register of a meter on a line: see intake.Wire.
type Register interface {
	SetBase(ctx context.Context, litres int64) error
	Register(context.Context) (litres int64, known bool, err error)
}

// clockProved is how near to ours a clock that was set must be: what its line and its seconds leave open.
const clockProved = time.Minute

// SetClock sets the clock of a customer's meter to ours and proves by reading it back that it is. The deed is in the audit
// record before a byte is sent; the same deed again sets it again, for time has gone on. vending.ErrSettingUnproved where nothing
// is proved, vending.ErrMeterDeclined where the meter declined.
func (d *Desk) SetClock(ctx context.Context, deed vending.Deed, m vending.LineMeter, c Clock) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedClock, m.Meter
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return false, err
	}
	if _, err := d.order(ctx, m, deed, "clock", d.Now()); err != nil || d.dryRun {
		return false, err
	}
	said := c.SetTime(ctx, d.Now())
	shows, err := c.Clock(ctx)
	if err == nil && shows.Sub(d.Now()).Abs() <= clockProved {
		return true, nil
	}
	return true, unproved(m.Meter, said, err)
}

// BaseOrder puts the electronic register of a meter to where the mechanical one stands (RULES D6).
type BaseOrder struct {
	Litres          int64
	Seen, SeenAgain string // the meter number, confirmed twice (RULES A8)
}

// SetRegister puts a register and proves by reading it back that it stands there. It needs MaySupervise and a reason: the
// register is what is billed. Nothing in the books moves: where it stands lower than before, reconciliation shows it. Errors
// and repetition are as SetClock's, but that a register which stands there already is left alone.
func (d *Desk) SetRegister(ctx context.Context, deed vending.Deed, m vending.LineMeter, o BaseOrder, r Register) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedBase, []any{m.Meter, o}
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return false, err
	}
	if o.Seen != m.Meter || o.SeenAgain != m.Meter {
		return false, vending.ErrSeenTwice.With("Meter", m.Meter, "Seen", o.Seen, "SeenAgain", o.SeenAgain)
	}
	if deed.Why == "" {
		return false, vending.ErrReasonMissing
	}
	fresh, err := d.order(ctx, m, deed, "register", o.Litres)
	if err != nil || d.dryRun {
		return false, err
	}
	stands := func() (bool, error) {
		litres, known, err := r.Register(ctx)
		return err == nil && known && litres == o.Litres, err
	}
	if !fresh {
		if there, err := stands(); err == nil && there {
			return false, nil
		}
	}
	said := r.SetBase(ctx, o.Litres)
	if there, err := stands(); !there {
		return true, unproved(m.Meter, said, err)
	}
	return true, nil
}

// order records what a meter is to be told, before it is told.
func (d *Desk) order(ctx context.Context, m vending.LineMeter, deed vending.Deed, what string, value any) (fresh bool, err error) {
	return d.book(ctx, m.Customer, deed, func(tx *store.Tx) error {
		if _, err := tx.OnPremises(ctx, m.Meter); err != nil {
			return err
		}
		tx.Changed(what, map[string]any{"meter": m.Meter, "value": value})
		return nil
	})
}

// unproved is why a setting is not proved: the meter declined it, or nothing can be said.
func unproved(meter string, said, heard error) error {
	if heard == nil && (errors.Is(said, vending.ErrMeterDeclined) || errors.Is(said, vending.ErrNotSettable)) {
		return said
	}
	return errors.Join(vending.ErrSettingUnproved.With("Meter", meter), said, heard)
}
