package counter

import (
	"context"
	"strings"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// mostNamed is how many meters a refusal names.
const mostNamed = 5

// RemoveModel removes the description of a model that no meter on a line has, with a reason: vending.ErrMeterModelUsed. A meter that
// was taken down keeps its model, so that what is in the books of it can be read. The same deed again changes nothing.
func (d *Desk) RemoveModel(ctx context.Context, deed vending.Deed, name string) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedMeterModelRemoved, name
	if err := deed.By.Permit(vending.MaySupervise); err != nil {
		return false, err
	}
	if deed.Why == "" {
		return false, vending.ErrReasonMissing
	}
	return d.company(ctx, deed, func(tx *store.Tx) error {
		m, found, err := tx.MeterModel(ctx, name)
		if err != nil {
			return err
		}
		if !found {
			return vending.ErrNoMeterModel.With("Name", name, "Known", "")
		}
		if err := unused(ctx, tx, name); err != nil {
			return err
		}
		return tx.RemoveMeterModel(ctx, m)
	})
}

// unused is vending.ErrMeterModelUsed where a meter has the model.
func unused(ctx context.Context, tx *store.Tx, name string) error {
	meters, err := tx.MetersOfModel(ctx, name, mostNamed+1)
	if err != nil || len(meters) == 0 {
		return err
	}
	if len(meters) > mostNamed {
		meters[mostNamed] = "…"
	}
	return vending.ErrMeterModelUsed.With("Name", name, "Meters", strings.Join(meters, ", "))
}
