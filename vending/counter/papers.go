package counter

import (
	"context"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// filing is what is filed of a customer.
type filing struct {
	Customer int64
	Papers   vending.Papers
}

// FilePapers files the identity papers and the supply contract that an account
// is opened on (RULES A5).
func (d *Desk) FilePapers(ctx context.Context, deed vending.Deed, customer int64, p vending.Papers) (done bool, err error) {
	deed.Kind, deed.Request = vending.DeedPapers, filing{customer, p}
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return false, err
	}
	if !p.Complete() {
		return false, vending.ErrPapers
	}
	return d.book(ctx, customer, deed, func(tx *store.Tx) error { return tx.SetPapers(ctx, p) })
}
