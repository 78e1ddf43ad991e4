package counter

import (
	"context"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// Quote is a top-up without the sale: it says what would be sold, or why it
// would be refused, and changes nothing.
func (d *Desk) Quote(ctx context.Context, t Terminal, req TopUpRequest) (vending.Purchase, error) {
	v, err := d.present(ctx, t, req.asked())
	if err != nil {
		return vending.Purchase{}, err
	}
	defer v.card.Close()
	sale, err := d.sale(ctx, v, req)
	if err != nil {
		return vending.Purchase{}, err
	}
	p, err := v.facts.Sell(sale, cardio.MaxTotal)
	if err != nil {
		return p, err
	}
	return p, v.facts.Pays(p)
}
