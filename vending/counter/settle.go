package counter

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// loadTries bounds how often a card is presented anew within one request.
const loadTries = 3

// events says what a verdict means for a purchase.
var events = map[cardio.Verdict]vending.Event{
	cardio.Loaded:    vending.ProvedLoaded,
	cardio.Untouched: vending.ProvedUntouched,
	cardio.InDoubt:   vending.NothingProved,
}

// errElsewhere leaves a purchase pending for whoever else has it in hand.
var errElsewhere = errors.New("another terminal has taken this purchase up meanwhile")

// resume takes up a purchase that was stored before, and settles it. The card is
// read again for it: it may have been written elsewhere between the first reading
// and the one of the books. Where somebody else was quicker to take it up, it is
// looked up and the card read once more. A card that died is not written.
func (d *Desk) resume(ctx context.Context, v *visit, p vending.Purchase) (Outcome, error) {
	for try := 1; ; try++ {
		if p.State != vending.Pending {
			return Outcome{Purchase: p, Repeated: true}, nil
		}
		if err := v.facts.Card.Dead(); err != nil {
			return Outcome{}, err
		}
		if err := d.again(ctx, v); err != nil {
			return d.store(ctx, v, p, cardio.InDoubt, err)
		}
		taken, err := d.takeUp(ctx, p)
		switch {
		case err == nil && taken.State == vending.Pending:
			return d.settle(ctx, v, taken)
		case errors.Is(err, errElsewhere) && try == loadTries:
			return d.store(ctx, v, p, cardio.InDoubt, err)
		case err != nil && !errors.Is(err, errElsewhere):
			return Outcome{}, err
		}
		if p, err = d.Store.Purchase(ctx, p.ID); err != nil {
			return Outcome{}, err
		}
	}
}

// takeUp stands between the reading of a card and a write to it, but for the first
// write. Who has read a card elsewhere before can no longer say that it is
// untouched; and where somebody else has taken p up since it was looked up, which
// was before this reading, they may have written the card since: errElsewhere. So of
// two who have the purchase in hand one writes at most, and none gives money
// back for what the other has written. One that has ended is returned as it ended.
func (d *Desk) takeUp(ctx context.Context, p vending.Purchase) (vending.Purchase, error) {
	var taken vending.Purchase
	err := d.Store.ForCustomer(ctx, p.Customer, d.deed("purchase taken up"), func(tx *store.Tx) (err error) {
		taken, err = tx.TakeUp(ctx, p.ID)
		return err
	})
	if err == nil && taken.State == vending.Pending && taken.Attempt != p.Attempt+1 {
		err = errElsewhere
	}
	return taken, err
}

// settle loads a pending purchase that the caller has opened or taken up, and
// stores what was proved (DESIGN.md §1, steps 2 and 3). It is the only way in
// which a card is written for a purchase.
func (d *Desk) settle(ctx context.Context, v *visit, p vending.Purchase) (Outcome, error) {
	p, verdict, cause := d.load(ctx, v, p, d.pricesFor(ctx, v, p))
	d.Metrics.verdict(verdict)
	return d.store(ctx, v, p, verdict, cause)
}

// store keeps a verdict on a purchase. One that has ended is left as it is.
func (d *Desk) store(ctx context.Context, v *visit, p vending.Purchase, verdict cardio.Verdict, cause error) (Outcome, error) {
	why := ""
	if cause != nil {
		why = cause.Error()
		d.Log.WarnContext(ctx, "card write", "purchase", p.ID, "verdict", verdict, "cause", cause)
	}
	// The card has been written: what was proved is stored even if the caller is gone.
	ctx = context.WithoutCancel(ctx)
	after, err := d.Store.End(ctx, v.facts, p, events[verdict], d.shown(v), d.deed("purchase settled"))
	if errors.Is(err, ledger.ErrStale) {
		after, err = d.settleAnyhow(ctx, v, p, verdict, why)
	}
	if err != nil {
		return Outcome{Purchase: p}, fmt.Errorf("%w: %w", vending.ErrSettleFailed.With("ID", p.ID, "Verdict", verdict.String()), err)
	}
	return Outcome{Purchase: after}, nil
}

// settleAnyhow settles a purchase whatever has happened in its book since.
func (d *Desk) settleAnyhow(ctx context.Context, v *visit, p vending.Purchase, verdict cardio.Verdict, why string) (after vending.Purchase, err error) {
	err = d.Store.ForCustomer(ctx, p.Customer, d.deed("purchase settled"), func(tx *store.Tx) (err error) {
		after, err = tx.Settle(ctx, p, events[verdict], v.facts.Card.Proof(), why, d.Now())
		return err
	})
	if err == nil {
		err = d.seen(ctx, v)
	}
	return after, err
}

// load brings the purchase onto the card. After a broken link the card is
// presented anew, the purchase taken up anew, and the same judge asked. It returns
// the purchase as it was last taken up.
func (d *Desk) load(ctx context.Context, v *visit, p vending.Purchase, prices cardio.Prices) (vending.Purchase, cardio.Verdict, error) {
	for try := 1; ; try++ {
		order := orderOf(p, v.facts.Card)
		order.Prices = prices
		verdict, cause := v.card.Load(order)
		if verdict == cardio.Loaded || !errors.Is(cause, cardio.ErrLinkDead) || try == loadTries {
			return p, verdict, cause
		}
		if err := d.again(ctx, v); err != nil {
			return p, verdict, fmt.Errorf("%w; then: %w", cause, err)
		}
		taken, err := d.takeUp(ctx, p)
		if err != nil || taken.State != vending.Pending {
			return p, verdict, errors.Join(cause, err)
		}
		p = taken
	}
}

// again presents the same card anew after its link died.
func (d *Desk) again(ctx context.Context, v *visit) error {
	v.card.Close()
	card, err := v.terminal.Present(ctx)
	if err != nil {
		return err
	}
	if card.Contents().Identity.UID != v.contents().Identity.UID {
		card.Close()
		return cardio.ErrOtherCard
	}
	v.card = card
	return nil
}

// Resume settles what is pending on the card in the terminal; it returns
// vending.ErrNoPurchase where nothing is.
func (d *Desk) Resume(ctx context.Context, t Terminal) (Outcome, error) {
	v, err := d.present(ctx, t, store.Asked{})
	if err != nil {
		return Outcome{}, err
	}
	defer func() { v.card.Close() }()
	if v.facts.Pending == nil {
		return Outcome{}, vending.ErrNoPurchase
	}
	return d.resume(ctx, v, *v.facts.Pending)
}
