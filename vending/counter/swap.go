package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// SwapRequest replaces a meter (RULES A7).
type SwapRequest struct {
	Customer     int64
	Old, New     string
	OldRegister  int64 // final, in what the meter measures
	OldDisplay   vending.Display
	NewRegister  int64 // first
	CardReturned bool  // the old meter's card is in our hands: what is on it is carried over too
}

// ReplaceMeter closes the old meter at its final register and gives the new one
// what is left, with the lots behind it. The old card is dead from then on: a card
// works one meter only (RULES C1); the new one is issued with what is carried over.
func (d *Desk) ReplaceMeter(ctx context.Context, deed vending.Deed, req SwapRequest) (s store.Swap, done bool, err error) {
	deed.Kind, deed.Request = vending.DeedMeterReplaced, req
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return s, false, err
	}
	if req.Old == req.New {
		return s, false, vending.ErrSameMeter.With("Meter", req.New)
	}
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return s, false, err
	}
	done, err = d.book(ctx, req.Customer, deed, func(tx *store.Tx) error {
		if err := rules.Swap.Open(tx.Now); err != nil {
			return err
		}
		s, err = swap(ctx, tx, deed, req)
		return err
	})
	if err != nil || done || d.dryRun {
		return s, done, err
	}
	swaps, err := d.Store.Swaps(ctx, req.Customer)
	for _, before := range swaps {
		if before.ID == deed.ID {
			s = before
		}
	}
	return s, false, err
}

func swap(ctx context.Context, tx *store.Tx, deed vending.Deed, req SwapRequest) (s store.Swap, err error) {
	v := onSite{}
	if v.account, err = tx.Account(ctx); err != nil {
		return s, err
	}
	for _, m := range v.account.Meters {
		if m.No == req.Old {
			v.meter = m
		}
	}
	if v.meter.No == "" {
		return s, vending.ErrNoMeter.With("Meter", req.Old)
	}
	if !tx.Customer.Status.MaySell() {
		return s, vending.ErrCustomerClosed.With("Customer", tx.Customer.No, "Status", tx.Customer.Status)
	}
	fresh := v.meter
	fresh.No = req.New
	if err := fresh.Valid(); err != nil {
		return s, err
	}
	if err := v.read(ctx, tx, deed, req.OldRegister, req.OldDisplay); err != nil {
		return s, err
	}
	left, err := v.left(ctx, tx)
	if err != nil {
		return s, err
	}
	if left.OnCard.N > 0 && !req.CardReturned {
		return s, vending.ErrCreditOnCard.With("Card", left.Card, "Credit", vending.FormatCredit(left.OnCard))
	}
	s = store.Swap{ID: deed.ID, Old: req.Old, New: req.New, Position: left.Consumed.N, OldRegister: req.OldRegister,
		NewRegister: req.NewRegister, Carried: left.InMeter.N + left.OnCard.N, At: tx.Now}
	return carryOver(ctx, tx, s, fresh, left)
}

// carryOver moves credit and lots to the new meter. The money stays where it is, in
// the customer's prepaid.
func carryOver(ctx context.Context, tx *store.Tx, s store.Swap, fresh vending.Meter, left vending.Books) (store.Swap, error) {
	lots, err := tx.Lots(ctx, s.Old)
	if err != nil {
		return s, err
	}
	carried, cost, err := revenue.Carry(lots, s.Position, 0)
	if err != nil {
		return s, err
	}
	cancelled, err := revenue.Cancel(lots, s.Position)
	if err != nil {
		return s, err
	}
	s.CarriedFen = cost
	if left.Card != "" {
		if err := tx.RetireCard(ctx, left.Card, vending.CardLost); err != nil {
			return s, err
		}
	}
	if err := tx.AddSwap(ctx, s, fresh); err != nil {
		return s, err
	}
	if err := tx.AddLots(ctx, s.Old, s.ID, "carried away", cancelled); err != nil {
		return s, err
	}
	if err := tx.AddLots(ctx, s.New, s.ID, "carried over", carried); err != nil {
		return s, err
	}
	transfers := move(tx, s.ID, "meter", ledger.Meter(s.Old), ledger.Meter(s.New), left.InMeter)
	return s, tx.Apply(ctx, append(transfers, move(tx, s.ID, "card", ledger.Card(left.Card), ledger.Meter(s.New), left.OnCard)...)...)
}

// settled is vending.ErrUnresolved where a purchase for a meter is pending.
func settled(ctx context.Context, tx *store.Tx, meter string) error {
	p, err := tx.Pending(ctx, meter)
	switch {
	case errors.Is(err, vending.ErrNoPurchase):
		return nil
	case err != nil:
		return err
	}
	return vending.ErrUnresolved.With("Card", p.Card, "ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money))
}
