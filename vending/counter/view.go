package counter

import (
	"context"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// View is what a clerk sees of the card in the reader.
type View struct {
	Contents cardio.Contents
	File     vending.Card
	Customer vending.Customer
	Pending  *vending.Purchase // in the way of every other sale; nil where nothing is
	Charges  *store.Charged    // by a meter that counts money; nil where it counts volume
}

// IsPurse says whether the card is an e-purse: it has a balance, and no total.
func (v View) IsPurse() bool { return v.Contents.Rule == cardio.ByBalance }

// Amount is a quantity of what the card counts.
func (v View) Amount(n int64) ledger.Amount {
	return ledger.Amount{N: n, Commodity: Commodity(v.Contents.Identity.Unit)}
}

// Look reads the card in the terminal and what the books say about it, and keeps what
// the card showed and that somebody looked (RULES B12).
func (d *Desk) Look(ctx context.Context, t Terminal) (View, error) {
	v, err := d.present(ctx, t, store.Asked{})
	if err != nil {
		return View{}, err
	}
	defer v.card.Close()
	if err := d.Store.Looked(ctx, v.facts.Customer.No, d.By, "card"); err != nil {
		return View{}, err
	}
	charges, err := d.charges(ctx, v.facts.Meter, v.facts.Customer.No)
	if err != nil {
		return View{}, err
	}
	return View{Contents: v.contents(), File: v.facts.Card, Customer: v.facts.Customer, Pending: v.facts.Pending, Charges: charges}, d.seen(ctx, v)
}

// Purchase is what the books know of a purchase. That somebody looked is kept (RULES
// B12).
func (d *Desk) Purchase(ctx context.Context, id uuid.UUID) (vending.Purchase, error) {
	p, err := d.Store.Purchase(ctx, id)
	if err == nil {
		err = d.Store.Looked(ctx, p.Customer, d.By, "purchase")
	}
	if err != nil {
		return vending.Purchase{}, err
	}
	return p, nil
}
