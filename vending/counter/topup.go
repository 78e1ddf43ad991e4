package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// TopUpRequest is one sale.
type TopUpRequest struct {
	ID       uuid.UUID // made by the outermost client and kept when it tries again
	MoneyFen int64
	vending.Payment
	Till string // whose open shift takes the money
	Card string // the card number the clerk saw; empty: whichever card is in the reader
}

// Outcome is how a request ended.
type Outcome struct {
	Purchase vending.Purchase
	Repeated bool // the id had been settled before: nothing was changed
}

// TopUp sells credit on the card that is in the terminal. The outcome's state
// is Loaded (the credit is on the card), Voided (the card was proved untouched;
// the money is the customer's advance) or Pending (in doubt: see Doubt). An error
// means that nothing was sold and no byte was written, but for
// vending.ErrCommitInDoubt and vending.ErrSettleFailed: then the same id says
// later what became of it.
//
// The same id again returns the first outcome. The same id for another card or
// amount is vending.ErrIDReused.
func (d *Desk) TopUp(ctx context.Context, t Terminal, req TopUpRequest) (Outcome, error) {
	if req.ID == uuid.Nil {
		return Outcome{}, vending.ErrIDInvalid.With("ID", req.ID)
	}
	v, err := d.present(ctx, t, req.asked())
	if err != nil {
		return d.absent(ctx, req, err)
	}
	defer func() { v.card.Close() }()
	for try := 1; ; try++ {
		out, err := d.sell(ctx, v, req)
		if !errors.Is(err, ledger.ErrStale) || try == sellTries {
			return out, err
		}
		if err := d.refresh(ctx, v); err != nil {
			return Outcome{}, err
		}
	}
}

// sellTries bounds how often a sale is decided anew, because the book changed
// between the decision and its storing.
const sellTries = 10

// absent answers for a card that cannot be read now: what became of an id that was
// used before may be known without it.
func (d *Desk) absent(ctx context.Context, req TopUpRequest, cause error) (Outcome, error) {
	p, err := d.Store.Purchase(ctx, req.ID)
	switch {
	case err != nil:
		return Outcome{}, cause
	case !req.repeats(p):
		return Outcome{}, reused(p)
	case p.State == vending.Pending:
		return Outcome{}, cause
	}
	return Outcome{Purchase: p, Repeated: true}, nil
}

// sell is one try, on the facts at hand.
func (d *Desk) sell(ctx context.Context, v *visit, req TopUpRequest) (Outcome, error) {
	if before := v.facts.Same; before != nil {
		if !req.repeats(*before) || v.facts.Card.No != before.Card {
			return Outcome{}, reused(*before)
		}
		return d.resume(ctx, v, *before)
	}
	if req.Card != "" && req.Card != v.facts.Card.No {
		return Outcome{}, vending.ErrWrongCard.With("Want", req.Card, "Card", v.facts.Card.No)
	}
	sale, err := d.sale(ctx, v, req)
	if err != nil {
		return Outcome{}, err
	}
	p, err := v.facts.Sell(sale, cardio.MaxTotal)
	if err != nil {
		return Outcome{}, err
	}
	return d.open(ctx, v, p)
}

// open stores the intent (DESIGN.md §1, step 1). After it the money is a fact. Only a
// read-back that finds it lets the card be written where the answer was lost.
func (d *Desk) open(ctx context.Context, v *visit, p vending.Purchase) (Outcome, error) {
	head, err := d.Store.Open(ctx, v.facts, p, d.deed("purchase opened"))
	switch {
	case err == nil:
		v.facts.Head = head
		return d.settle(ctx, v, p)
	case errors.Is(err, vending.ErrCommitInDoubt):
		if stored, readErr := d.Store.Purchase(ctx, p.ID); readErr == nil {
			return d.resume(ctx, v, stored)
		}
	case errors.Is(err, vending.ErrNoOpenShift):
		err = vending.ErrNoOpenShift.With("Till", v.facts.Shift.Till)
	case errors.Is(err, vending.ErrRepeated):
		err = ledger.ErrStale // by the same id, a moment ago
	}
	return Outcome{}, err
}

// asked is what the books are asked about it.
func (r TopUpRequest) asked() store.Asked { return store.Asked{ID: r.ID, Till: r.Till} }

// sale is what is asked for, of the card in the terminal. Where its rule bounds what it
// carries, the books are asked what that is; what changes afterwards makes the facts stale.
func (d *Desk) sale(ctx context.Context, v *visit, r TopUpRequest) (vending.Sale, error) {
	now := v.contents()
	s := vending.Sale{ID: r.ID, MoneyFen: r.MoneyFen, Payment: r.Payment, Rule: vending.LoadRule(now.Rule.String()), Shows: shownOn(now, v.facts.Card)}
	if c, ok := v.card.(interface{ Step() int64 }); ok {
		s.Step = c.Step()
		return s, nil // a meter carries nothing to a meter: it shows what was sold on it, or sells nothing
	}
	most := s.Rule.Carries()
	if most == 0 {
		return s, nil
	}
	last, err := d.Store.LastPurchases(ctx, v.facts.Customer.No, v.facts.Card.Meter, most)
	s.Untaken = vending.Untaken(last, v.facts.Total-v.facts.Books().OnCard.N)
	return s, err
}

// repeats says whether the request asks for what purchase p was asked for.
func (r TopUpRequest) repeats(p vending.Purchase) bool {
	return r.MoneyFen == p.Quote.Money+p.Debt && r.Payment == p.Payment() &&
		(r.Card == "" || r.Card == p.Card || r.Card == p.Began)
}

func reused(p vending.Purchase) error {
	return vending.ErrIDReused.With("ID", p.ID, "Card", p.Card, "Amount", vending.FormatYuan(p.Quote.Money+p.Debt))
}
