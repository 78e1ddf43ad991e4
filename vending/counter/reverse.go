package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// ReverseRequest asks that the last purchase on the card in the terminal is taken back.
type ReverseRequest struct {
	Purchase string          // its id, or the number of its slip
	Payment  vending.Payment // how the money goes back; Means may be empty: as it came. FromAdvance: it stays the customer's advance
}

// Reversed is how it ended. Where the card was written the purchase is Loaded, and all
// the money that was taken for it is free: RefundFen of it was paid out.
type Reversed struct {
	Outcome
	RefundFen int64
}

// Reverse takes a purchase back while its credit is on the card that is in the
// terminal, by a write of its own: pended, written, read back, judged and settled like
// a sale's. Then the money is paid out of the shift of who acts. The outcome's state is
// Loaded (the credit is off the card), Voided (the card was proved untouched: the sale
// stands) or Pending (in doubt: nothing is paid out). The same deed again returns the
// first outcome, and pays out what is left to be.
func (d *Desk) Reverse(ctx context.Context, t Terminal, deed vending.Deed, req ReverseRequest) (Reversed, error) {
	v, err := d.present(ctx, t, store.Asked{ID: deed.ID})
	if err != nil {
		return d.reversedBefore(ctx, deed, req, err)
	}
	defer func() { v.card.Close() }()
	if before := v.facts.Same; before != nil {
		return d.resumeReversal(ctx, v, deed, req, *before)
	}
	p, err := d.intend(ctx, v, deed, req)
	switch {
	case errors.Is(err, vending.ErrCommitInDoubt):
		stored, readErr := d.Store.Purchase(ctx, deed.ID)
		if readErr != nil {
			return Reversed{}, err
		}
		return d.resumeReversal(ctx, v, deed, req, stored)
	case errors.Is(err, vending.ErrRepeated):
		if p, err = d.Store.Purchase(ctx, deed.ID); err != nil {
			return Reversed{}, err
		}
		return d.resumeReversal(ctx, v, deed, req, p)
	case err != nil:
		return Reversed{}, err
	case d.dryRun:
		return Reversed{Outcome: Outcome{Purchase: p}, RefundFen: paidOut(p)}, nil
	}
	out, err := d.settle(ctx, v, p)
	if err != nil {
		return Reversed{Outcome: out}, err
	}
	return d.refundSale(ctx, deed, req, out)
}

// intend decides and stores the intent. What a month's close has recognised of the
// credit, by an estimate, is taken back first where prepaid does not hold its cost.
func (d *Desk) intend(ctx context.Context, v *visit, deed vending.Deed, req ReverseRequest) (vending.Purchase, error) {
	p, err := d.intent(ctx, v, deed, req)
	if !errors.Is(err, vending.ErrAdvanceShort) || d.dryRun {
		return p, err
	}
	if err := d.takeBack(ctx, deed, p); err != nil {
		return p, err
	}
	return d.intent(ctx, v, deed, req)
}

func (d *Desk) intent(ctx context.Context, v *visit, deed vending.Deed, req ReverseRequest) (p vending.Purchase, err error) {
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return p, err
	}
	now := v.contents()
	deed.Kind, deed.Request = vending.DeedReversal, req
	err = d.Store.ForCustomer(ctx, v.facts.Customer.No, deed, func(tx *store.Tx) error {
		switch p, err = tx.ClaimID(ctx, deed.ID); {
		case err == nil:
			return reused(p)
		case !errors.Is(err, vending.ErrNoPurchase):
			return err
		}
		r, err := tx.Reversal(ctx, req.Purchase, deed.By.Staff)
		if err != nil {
			return err
		}
		if r.Card, err = tx.Card(ctx, v.facts.Card.No); err != nil {
			return err
		}
		r.Shows = shownOn(now, r.Card)
		r.Rule = vending.LoadRule(now.Rule.String())
		r.Torn, r.EyesFrom, r.Payment = now.BackTorn, rules.ReverseEyesFen, req.Payment
		if req.Payment.Means == "" {
			r.Payment.Means = r.Sale.Means
		}
		if p, err = r.Reverse(deed); err != nil {
			return err
		}
		if fen := paidOut(p); p.Means == vending.Cash { // asked again when it is paid; better refused before the card is written
			if err := tx.HoldsCash(ctx, vending.Cash.Account(r.Shift.Number()), fen); err != nil {
				return err
			}
		}
		if err := tx.AddPurchase(ctx, p); err != nil {
			return err
		}
		if d.dryRun {
			return errRehearsed
		}
		return nil
	})
	if errors.Is(err, errRehearsed) {
		err = nil
	}
	return p, err
}

// takeBack takes back what was recognised of the purchase that p takes back.
func (d *Desk) takeBack(ctx context.Context, deed vending.Deed, p vending.Purchase) error {
	deed.ID, deed.Kind, deed.Request = ledger.MoveID(deed.ID, "taken back"), vending.DeedTakenBack, p.Reverses
	_, err := d.book(ctx, p.Customer, deed, func(tx *store.Tx) error {
		meter, err := tx.Meter(ctx, p.Meter)
		if err != nil {
			return err
		}
		books, err := tx.Books(ctx, meter)
		if err != nil {
			return err
		}
		lots, err := tx.Lots(ctx, p.Meter)
		if err != nil {
			return err
		}
		lots = append(lots, revenue.Lot{From: p.Total, To: p.Total - p.Quote.Credit.N, Cost: p.Quote.Cost, VATbp: int64(p.VAT)})
		return tx.TakeBack(ctx, deed.ID, p.Meter, lots, books.Consumed.N)
	})
	return err
}

// resumeReversal goes on with one that was stored before.
func (d *Desk) resumeReversal(ctx context.Context, v *visit, deed vending.Deed, req ReverseRequest, p vending.Purchase) (Reversed, error) {
	if err := d.repeatsReversal(ctx, deed, req, p); err != nil {
		return Reversed{}, err
	}
	if v.facts.Card.No != p.Card {
		return Reversed{}, reused(p)
	}
	if d.dryRun {
		return Reversed{Outcome: Outcome{Purchase: p, Repeated: true}}, nil
	}
	out, err := d.resume(ctx, v, p)
	if err != nil {
		return Reversed{Outcome: out}, err
	}
	return d.refundSale(ctx, deed, req, out)
}

// reversedBefore answers for a card that cannot be read now.
func (d *Desk) reversedBefore(ctx context.Context, deed vending.Deed, req ReverseRequest, cause error) (Reversed, error) {
	p, err := d.Store.Purchase(ctx, deed.ID)
	if err != nil {
		return Reversed{}, cause
	}
	if err := d.repeatsReversal(ctx, deed, req, p); err != nil {
		return Reversed{}, err
	}
	if p.State == vending.Pending {
		return Reversed{}, cause
	}
	return d.refundSale(ctx, deed, req, Outcome{Purchase: p, Repeated: true})
}

// repeatsReversal says whether the request asks for what p was asked for, and whether
// who asks may go on with it: who began it, or who may reverse.
func (d *Desk) repeatsReversal(ctx context.Context, deed vending.Deed, req ReverseRequest, p vending.Purchase) error {
	if !p.IsReversal() {
		return reused(p)
	}
	sale, err := d.Store.Purchase(ctx, p.Reverses)
	if err != nil {
		return err
	}
	if !sale.IsNamed(req.Purchase) || req.Payment.Means != "" && req.Payment.Means != p.Means {
		return reused(p)
	}
	if p.Staff != deed.By.Staff {
		return deed.MayGiveBack()
	}
	return nil
}

// paidOut is what is paid out for a reversal, in fen.
func paidOut(p vending.Purchase) int64 {
	if p.Means == vending.FromAdvance {
		return 0
	}
	return -p.Taken()
}

// refundSale pays out what was taken for a purchase that was taken back.
func (d *Desk) refundSale(ctx context.Context, deed vending.Deed, req ReverseRequest, out Outcome) (Reversed, error) {
	p := out.Purchase
	fen := paidOut(p)
	if p.State != vending.Loaded || fen == 0 {
		return Reversed{Outcome: out}, nil
	}
	payment := req.Payment
	payment.Means = p.Means
	deed.ID = ledger.MoveID(p.ID, "refund")
	done, err := d.refund(ctx, deed, RefundRequest{p.Customer, fen, payment})
	if err != nil {
		return Reversed{Outcome: out}, errors.Join(vending.ErrRefundOpen.With("ID", p.ID, "Amount", vending.FormatYuan(fen)), err)
	}
	out.Repeated = out.Repeated && !done
	return Reversed{out, fen}, nil
}
