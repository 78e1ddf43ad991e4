package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// SettingChange asks for another value of one of the company's settings.
type SettingChange struct {
	Name  string // as vending.AllSettings has it
	Value string // as it is typed
}

// SettingChanged is what became of a change.
type SettingChanged struct {
	Setting  vending.Setting
	Was, Now vending.SettingValue
}

// ChangeSetting changes one of the company's settings, from now on. Late fees that
// the old value has brought are booked first. done is false where nothing was
// changed: the same deed was done before, the value is the one that it was, or it is
// only rehearsed.
func (d *Desk) ChangeSetting(ctx context.Context, deed vending.Deed, req SettingChange) (out SettingChanged, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedSetting, req
	if out.Setting, err = vending.SettingNamed(req.Name); err != nil {
		return out, false, err
	}
	if err := out.Setting.May(deed); err != nil {
		return out, false, err
	}
	if out.Now, err = out.Setting.Parse(req.Value); err != nil {
		return out, false, err
	}
	if out.Setting.Accrues && !d.dryRun {
		if _, err := d.LateFees(ctx, deed.By, vending.DateOf(d.Now()), func(int64) {}); err != nil {
			return out, false, err
		}
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error { return out.change(ctx, tx, d.dryRun) })
	if errors.Is(err, errRehearsed) {
		return out, false, nil
	}
	if errors.Is(err, vending.ErrRepeated) {
		all, err := d.Store.Settings(ctx)
		out.Was, out.Now = out.Setting.In(all), out.Setting.In(all)
		return out, false, err
	}
	return out, err == nil && out.Was != out.Now, err
}

func (c *SettingChanged) change(ctx context.Context, tx *store.Tx, rehearse bool) error {
	if err := tx.NoCloseRuns(ctx); err != nil {
		return err
	}
	all, err := tx.Settings(ctx)
	if err != nil {
		return err
	}
	if c.Was = c.Setting.In(all); c.Was == c.Now {
		return nil
	}
	if err := tx.Set(ctx, c.Setting, c.Was, c.Now); err != nil {
		return err
	}
	if rehearse {
		return errRehearsed
	}
	return nil
}
