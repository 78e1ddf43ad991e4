package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// SetStaff takes somebody on, gives them another role, or lets them go. Who acts
// may approve (RULES C3), and nobody changes their own role.
func (d *Desk) SetStaff(ctx context.Context, deed vending.Deed, m vending.Staff) (done bool, err error) {
	deed.Kind, deed.Request = "staff", m
	if err := m.Valid(); err != nil {
		return false, err
	}
	if err := deed.By.Permit(vending.MayApprove); err != nil {
		return false, err
	}
	if m.Code == deed.By.Staff {
		return false, vending.ErrNotPermitted.With("Staff", m.Code, "Right", string(vending.MayApprove))
	}
	err = d.Store.ForCompany(ctx, deed, func(tx *store.Tx) error { return tx.SetStaff(ctx, m) })
	if errors.Is(err, vending.ErrRepeated) {
		return false, nil
	}
	return err == nil, err
}
