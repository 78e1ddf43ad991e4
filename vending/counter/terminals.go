package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// LetIn lets a code be shown with which one PC becomes the terminal of a till. Who may
// approve may do that (RULES C3).
func (d *Desk) LetIn(ctx context.Context, deed vending.Deed, c vending.EnrolCode) (done bool, err error) {
	deed.Kind, deed.Request = "terminal code", c
	if err := vending.ValidTill(c.Till); err != nil {
		return false, err
	}
	return d.terminals(ctx, deed, func(tx *store.Tx) error { return tx.AddCode(ctx, c) })
}

// RevokeTerminal ends a terminal; so may who may let one in.
func (d *Desk) RevokeTerminal(ctx context.Context, deed vending.Deed, id uuid.UUID) (done bool, err error) {
	deed.Kind, deed.Request = "terminal revoked", id
	return d.terminals(ctx, deed, func(tx *store.Tx) error { return tx.RevokeTerminal(ctx, id) })
}

func (d *Desk) terminals(ctx context.Context, deed vending.Deed, do func(*store.Tx) error) (done bool, err error) {
	if err := deed.By.Permit(vending.MayApprove); err != nil {
		return false, err
	}
	err = d.Store.ForCompany(ctx, deed, do)
	if errors.Is(err, vending.ErrRepeated) {
		return false, nil
	}
	return err == nil, err
}
