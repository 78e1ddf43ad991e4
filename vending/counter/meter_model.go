package counter

import (
	"context"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// DescribeModel says how the meters of a model are asked from now on. What is described otherwise is replaced only where the
// deed says so, with a reason: it is then every meter of the model that is asked in another way. The same description again
// changes nothing. What it says must have been checked: see MeterModel.
func (d *Desk) DescribeModel(ctx context.Context, deed vending.Deed, m vending.MeterModel, replace bool) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedMeterModel, m
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return false, err
	}
	if err := m.Valid(); err != nil {
		return false, err
	}
	if replace && deed.Why == "" {
		return false, vending.ErrReasonMissing
	}
	changes := false
	done, err = d.company(ctx, deed, func(tx *store.Tx) error {
		was, found, err := tx.MeterModel(ctx, m.Name)
		if changes = !found || !was.Same(m); err != nil || !changes {
			return err
		}
		if found && !replace {
			return vending.ErrMeterModelTaken.With("Name", m.Name)
		}
		if found {
			tx.Changed("was", was.Description)
		}
		return tx.PutMeterModel(ctx, m)
	})
	return done && changes, err
}
