package counter

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// View is what a clerk sees of the card in the reader.
type View struct {
	Contents cardio.Contents
	File     vending.Card
	Customer vending.Customer
	Pending  *vending.Purchase // in the way of every other sale; nil where nothing is
}

// Amount is a quantity of what the card counts.
func (v View) Amount(n int64) ledger.Amount {
	return ledger.Amount{N: n, Commodity: Commodity(v.Contents.Identity.Unit)}
}

// Look reads the card in the terminal and what the books say about it. That somebody
// looked is kept (RULES B12).
func (d *Desk) Look(ctx context.Context, t Terminal) (View, error) {
	v, err := d.present(ctx, t)
	if err != nil {
		return View{}, err
	}
	defer v.card.Close()
	if err := d.Store.Looked(ctx, v.file.Customer, d.By, "card"); err != nil {
		return View{}, err
	}
	view := View{Contents: v.contents(), File: v.file}
	if view.Customer, _, err = d.Store.Customer(ctx, v.file.Customer); err != nil {
		return view, err
	}
	p, err := d.Store.PendingOn(ctx, v.file.Customer, v.file.No)
	if err == nil {
		view.Pending = &p
	} else if !errors.Is(err, vending.ErrNoPurchase) {
		return view, err
	}
	return view, nil
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

func summary(count uint32, total int64) string {
	return fmt.Sprintf("%d × %s", count, vending.FormatThousandths(total))
}
