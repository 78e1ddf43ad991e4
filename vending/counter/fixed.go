package counter

import (
	"context"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// FixedBooked is what a run of the fixed charges has booked.
type FixedBooked struct {
	Customers int
	Charges   int
	Fen       int64 // with VAT
}

// FixedCharges books on account what has fallen due of every customer's fixed charges
// until a day, that day included: each customer's in their own book, each charge once.
// The same day again adds nothing, a month that was missed is made up for, and a run
// that was broken off is gone on with. A rehearsal adds up and books nothing. each is
// told the customers that are done. It needs MayAccount.
func (d *Desk) FixedCharges(ctx context.Context, by vending.Actor, until vending.Date, each func(customer int64)) (sum FixedBooked, err error) {
	if err := by.Permit(vending.MayAccount); err != nil {
		return sum, err
	}
	if today := vending.DateOf(d.Now()); until > today {
		return sum, vending.ErrDayNotOver.With("Date", until.String())
	}
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return sum, err
	}
	list := func(after int64, limit int) ([]int64, error) { return d.Store.FixedOwing(ctx, until, after, limit) }
	sum.Customers, err = pages(list, func(no int64) error {
		var raised []vending.Charge
		deed := vending.Deed{ID: uuid.Must(uuid.NewV7()), Kind: vending.DeedFixed, By: by, Request: until.String()}
		_, err := d.book(ctx, no, deed, func(tx *store.Tx) (err error) {
			raised, err = tx.FallDue(ctx, rules, until, deed.ID)
			return err
		})
		if err != nil {
			return err
		}
		for _, c := range raised {
			sum.Charges, sum.Fen = sum.Charges+1, sum.Fen+c.Amount
		}
		each(no)
		return nil
	})
	return sum, err
}
