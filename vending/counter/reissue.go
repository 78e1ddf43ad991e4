package counter

import (
	"bytes"
	"context"
	"errors"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// ReissueRequest asks for the card that follows one that died (RULES C2). The chip may
// be of another type.
type ReissueRequest struct {
	Customer int64
	Meter    string
	Shown    vending.Papers   // identity papers of who receives it
	Payment  *vending.Payment // of the card cost; nil: on account
	Waived   bool             // the card cost is not charged: for who may give money back, with a reason
}

// Reissued is the card that follows, and what it was given.
type Reissued struct {
	Card     vending.Card
	Follows  string        // the card that died; empty where this one was begun before
	Credit   ledger.Amount // that the books had on that card: paid, and by all it said not taken by the meter
	InDoubt  bool          // a purchase in doubt came with it
	CostFen  int64         // card cost
	Repeated bool
}

// Reissue makes the blank card in the terminal the one that follows a card that died. It
// carries exactly what was paid; the meter's own rule keeps it from taking anything
// twice, whichever card comes first (DESIGN.md). Cut anywhere, the same call with this
// chip, or with another blank one, finishes it, and nothing is charged twice.
func (d *Desk) Reissue(ctx context.Context, t Terminal, deed vending.Deed, req ReissueRequest) (r Reissued, err error) {
	rules, err := d.Store.LifeRules(ctx)
	if err != nil {
		return r, err
	}
	cost, err := cardCost(rules, &deed, req)
	if err != nil {
		return r, err
	}
	c, err := lookAt(ctx, t)
	if err != nil {
		return r, err
	}
	if _, err := d.book(ctx, req.Customer, deed, func(tx *store.Tx) (err error) {
		if r, err = d.grant(ctx, tx, deed, c, req); err != nil || r.Follows == "" || req.Waived {
			return err
		}
		cost, err = raise(ctx, tx, rules, deed, cost, req.charge())
		r.CostFen = cost.Amount
		return err
	}); err != nil || d.dryRun {
		return r, err
	}
	r.Card, r.Repeated, err = d.make(ctx, t, c, req.Customer, req.Meter)
	return r, err
}

// cardCost is the charge for the card, and the deed that raises it: it has a kind of its
// own where it is paid at once. It fails where who acts may not do it.
func cardCost(rules vending.LifeRules, deed *vending.Deed, req ReissueRequest) (c vending.Charge, err error) {
	deed.Kind, deed.Request = vending.DeedReissued, req
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return c, err
	}
	if req.Waived {
		return c, deed.MayGiveBack()
	}
	if req.Payment != nil {
		deed.Kind = vending.DeedReissuedPaid
	}
	return charged(rules, deed.ID, req.charge())
}

func (r ReissueRequest) charge() ChargeRequest {
	return ChargeRequest{Customer: r.Customer, Kind: vending.ChargeCard, Payment: r.Payment}
}

// grant decides that a card may follow, and takes its number; what it inherits is its
// own from then on. A card that was begun before is finished: it follows none.
func (d *Desk) grant(ctx context.Context, tx *store.Tx, deed vending.Deed, c chip, req ReissueRequest) (r Reissued, err error) {
	if err := identified(ctx, tx, req.Shown); err != nil {
		return r, err
	}
	meter, err := tx.OnPremises(ctx, req.Meter)
	if err != nil {
		return r, err
	}
	old, err := tx.LastCard(ctx, meter.No)
	switch {
	case errors.Is(err, vending.ErrCardNotOurs):
		return r, vending.ErrFirstCard.With("Meter", meter.No)
	case err != nil:
		return r, err
	case old.State == vending.CardActive:
		return r, vending.ErrCardTaken.With("Meter", meter.No, "Card", old.No)
	case !old.State.Live() && bytes.Equal(old.UID, c.uid[:]):
		return r, old.Dead()
	}
	if r.Card, err = d.register(ctx, tx, deed.ID, c, meter, true); err != nil || old.State.Live() {
		return r, err
	}
	r.Follows = old.No
	return r, r.given(ctx, tx, meter)
}

// given says what the new card was given.
func (r *Reissued) given(ctx context.Context, tx *store.Tx, meter vending.Meter) error {
	b, err := tx.Balance(ctx, ledger.Card(r.Card.No), meter.Commodity)
	if err != nil {
		return err
	}
	r.Credit = ledger.Amount{N: b.Posted, Commodity: meter.Commodity}
	_, err = tx.Pending(ctx, meter.No)
	r.InDoubt = err == nil
	if errors.Is(err, vending.ErrNoPurchase) {
		err = nil
	}
	return err
}

// orderOf is how a purchase is written to its card.
func orderOf(p vending.Purchase, card vending.Card) cardio.Order {
	return cardio.Order{Purchase: p.ID, Count: p.Count - card.CountsFrom, Credit: p.Quote.Credit.N, Total: p.Total, Again: p.Attempt > 1}
}
