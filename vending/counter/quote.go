package counter

import (
	"context"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Quoted is what would be sold, and what its meter charges for it where it counts money: the
// price list in the purchase is what it should charge.
type Quoted struct {
	Purchase vending.Purchase
	Charges  *store.Charged
}

// Quote is a top-up without the sale: it says what would be sold, or why it
// would be refused, and changes nothing.
func (d *Desk) Quote(ctx context.Context, t Terminal, req TopUpRequest) (q Quoted, err error) {
	v, err := d.present(ctx, t, req.asked())
	if err != nil {
		return q, err
	}
	defer v.card.Close()
	sale, err := d.sale(ctx, v, req)
	if err != nil {
		return q, err
	}
	if q.Purchase, err = v.facts.Sell(sale, cardio.MaxTotal); err != nil {
		return q, err
	}
	if err := v.facts.Pays(q.Purchase); err != nil {
		return q, err
	}
	q.Charges, err = d.charges(ctx, v.facts.Meter, v.facts.Customer.No)
	return q, err
}
