package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Quote is a top-up without the sale: it says what would be sold, or why it
// would be refused, and changes nothing.
func (d *Desk) Quote(ctx context.Context, t Terminal, req TopUpRequest) (vending.Purchase, error) {
	v, err := d.present(ctx, t)
	if err != nil {
		return vending.Purchase{}, err
	}
	defer v.card.Close()
	var p vending.Purchase
	undo := errors.New("only a quote")
	err = d.Store.ForCustomer(ctx, v.file.Customer, d.deed("quote"), func(tx *store.Tx) (err error) {
		if p, err = d.quote(ctx, tx, v, req); err != nil {
			return err
		}
		if err := tx.AddPurchase(ctx, p); err != nil {
			return err
		}
		return undo
	})
	if errors.Is(err, undo) {
		err = nil
	}
	return p, err
}
