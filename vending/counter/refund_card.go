package counter

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// CardRefunded is what became of the credit on a card.
type CardRefunded struct {
	Sales     int       // that are to be taken back
	Back      []Outcome // a reversal for each that was, the newest sale first; a rehearsal does the first only
	RefundFen int64     // paid out; what was bought from the advance is advance again
	Repeated  bool
}

// RefundCard takes all credit back that is on the card in the terminal and that the meter
// has not taken: sale by sale, the newest first, each as Reverse does it. Once the card is
// proved to hold none of it, the money is paid out in one sum. It needs MayReverse and a
// reason, and above the company's limit a second pair of eyes. It stops at a write that
// cannot be proved, and at a sale that the meter has taken; the same deed again goes on.
func (d *Desk) RefundCard(ctx context.Context, t Terminal, deed vending.Deed, p vending.Payment) (r CardRefunded, err error) {
	plan, err := d.refundPlan(ctx, t, deed)
	if err != nil {
		return r, err
	}
	if err := d.mayRefund(ctx, deed, plan, p); err != nil {
		return r, err
	}
	if err := d.drawerHolds(ctx, deed, plan, p); err != nil {
		return r, err
	}
	r.Sales = len(plan)
	for i, sale := range plan {
		one := deed
		one.ID = sale.back
		if d.dryRun && i > 0 {
			break // the others can only be decided once the card is written
		}
		back, err := d.Reverse(ctx, t, one, ReverseRequest{Purchase: sale.ID.String(), Payment: vending.Payment{Means: vending.FromAdvance}})
		if back.Purchase.ID != uuid.Nil {
			r.Back = append(r.Back, back.Outcome)
		}
		if err != nil || back.Purchase.State != vending.Loaded && !d.dryRun {
			return r, err
		}
	}
	return d.payCard(ctx, deed, plan, p, r)
}

// undoing is a sale and the id of what takes it back in a refund. The same deed again finds
// it; after one that was voided, because the card was proved untouched, it is another.
type undoing struct {
	vending.Purchase
	back  uuid.UUID
	begun bool
}

func undo(deed vending.Deed, sale uuid.UUID, voided int) uuid.UUID {
	return ledger.MoveID(deed.ID, fmt.Sprintf("back %s %d", sale, voided))
}

// refundPlan lists the sales that the deed takes back, the newest first: those that it has
// begun with, and below them those whose credit the books still have on the card. What
// was sold after the deed began is none of its business, and what a card that died may
// hold too is for the meter.
func (d *Desk) refundPlan(ctx context.Context, t Terminal, deed vending.Deed) (plan []undoing, err error) {
	v, err := d.present(ctx, t, store.Asked{})
	if err != nil {
		return nil, err
	}
	defer v.card.Close()
	if err := v.facts.Card.Sellable(); err != nil {
		return nil, err
	}
	list, err := d.Store.PurchasesOn(ctx, v.facts.Customer.No, v.facts.Card.No)
	if err != nil {
		return nil, err
	}
	// A reversal of this deed may land between two readings. With the balance read last it is missing from the balance
	// at most, not credit that seems to be left.
	if err := d.refresh(ctx, v); err != nil {
		return nil, err
	}
	began, voided, limit := map[uuid.UUID]bool{}, map[uuid.UUID]int{}, uint32(math.MaxUint32)
	for _, p := range list {
		switch of := p.Reverses; {
		case p.IsReversal() && p.State == vending.Voided:
			voided[of]++
		case p.IsReversal() && p.ID == undo(deed, of, voided[of]):
			began[of], limit = true, min(limit, p.Count)
		}
	}
	held := v.facts.Balance(ledger.Card(v.facts.Card.No), v.facts.Meter.Commodity).Posted
	free := held
	for _, p := range slices.Backward(list) {
		stands := p.State == vending.Loaded && !p.IsReversal() && p.Undone.IsZero()
		if stands {
			free -= p.Quote.Credit.N
		}
		if began[p.ID] || stands && free >= 0 && p.Count < limit && p.Began == "" {
			plan = append(plan, undoing{p, undo(deed, p.ID, voided[p.ID]), began[p.ID]})
		}
	}
	switch card := v.facts.Card.No; {
	case len(plan) == 0 && held > 0: // all of it came with a card that died, and may be on that too
		err = vending.ErrCreditOnCard.With("Card", card, "Credit", vending.FormatCredit(ledger.Amount{N: held, Commodity: v.facts.Meter.Commodity}))
	case len(plan) == 0:
		err = vending.ErrNothingOnCard.With("Card", card)
	}
	return plan, err
}

// mayRefund is who may, before anything is written.
func (d *Desk) mayRefund(ctx context.Context, deed vending.Deed, plan []undoing, p vending.Payment) error {
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return err
	}
	if err := deed.MayGiveBack(); err != nil {
		return err
	}
	large := func(u undoing) bool { return !u.begun && u.Taken() > rules.ReverseEyesFen } // what Reverse will ask
	if payableFor(plan) > rules.RefundEyesFen || slices.ContainsFunc(plan, large) {
		if err := deed.FourEyes(); err != nil {
			return err
		}
	}
	if p.Means == vending.FromAdvance {
		return nil
	}
	return p.Valid(true)
}

// drawerHolds refuses a refund whose money is not in the drawer, before the card is
// written. One that has begun goes on: it may have been paid out.
func (d *Desk) drawerHolds(ctx context.Context, deed vending.Deed, plan []undoing, p vending.Payment) error {
	fen := payableFor(plan)
	if p.Means == vending.FromAdvance || fen == 0 || slices.ContainsFunc(plan, func(u undoing) bool { return u.begun }) {
		return nil
	}
	asks := deed
	asks.ID = uuid.Nil
	err := d.Store.ForCustomer(ctx, plan[0].Customer, asks, func(tx *store.Tx) error {
		if _, err := payer(ctx, tx, deed, p, fen); err != nil {
			return err
		}
		return errRehearsed
	})
	if errors.Is(err, errRehearsed) {
		return nil
	}
	return err
}

// payableFor is the money to be paid out for sales that are taken back, in fen.
func payableFor(plan []undoing) (fen int64) {
	for _, sale := range plan {
		if sale.Means != vending.FromAdvance {
			fen += sale.Taken()
		}
	}
	return fen
}

// payCard pays out what was taken for the sales that are off the card now.
func (d *Desk) payCard(ctx context.Context, deed vending.Deed, plan []undoing, p vending.Payment, r CardRefunded) (CardRefunded, error) {
	r.Repeated = !slices.ContainsFunc(r.Back, func(o Outcome) bool { return !o.Repeated })
	fen := payableFor(plan)
	if p.Means == vending.FromAdvance {
		fen = 0
	}
	if fen == 0 || d.dryRun {
		r.RefundFen = fen
		return r, nil
	}
	pay := deed
	pay.ID = ledger.MoveID(deed.ID, "refund")
	done, err := d.refund(ctx, pay, RefundRequest{plan[0].Customer, fen, p})
	if err != nil {
		return r, errors.Join(vending.ErrRefundOpen.With("ID", deed.ID, "Amount", vending.FormatYuan(fen)), err)
	}
	r.RefundFen, r.Repeated = fen, r.Repeated && !done
	return r, nil
}
