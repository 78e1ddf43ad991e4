package counter

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// TopUpRequest is one sale.
type TopUpRequest struct {
	ID       uuid.UUID // made by the outermost client and kept when it tries again
	MoneyFen int64
	Means    vending.Means
	Till     string // where the cash went
	Card     string // the card number the clerk saw; empty: whichever card is in the reader
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
	before, err := d.Store.Purchase(ctx, req.ID)
	switch {
	case err == nil:
		return d.repeat(ctx, t, req, before)
	case !errors.Is(err, vending.ErrNoPurchase):
		return Outcome{}, err
	}
	v, err := d.present(ctx, t)
	if err != nil {
		return Outcome{}, err
	}
	defer func() { v.card.Close() }()
	if req.Card != "" && req.Card != v.file.No {
		return Outcome{}, vending.ErrWrongCard.With("Want", req.Card, "Card", v.file.No)
	}
	p, ours, err := d.open(ctx, v, req)
	switch {
	case err != nil:
		return Outcome{}, err
	case ours:
		return d.settle(ctx, v, p)
	default:
		return d.resume(ctx, v, p)
	}
}

// repeat answers an id that was used before. The card need not be there for an
// answer that is known; if it is there it must be the same one.
func (d *Desk) repeat(ctx context.Context, t Terminal, req TopUpRequest, p vending.Purchase) (Outcome, error) {
	if !req.repeats(p) {
		return Outcome{}, reused(p)
	}
	v, err := d.present(ctx, t)
	if err != nil {
		if p.State == vending.Pending {
			return Outcome{}, err
		}
		return Outcome{Purchase: p, Repeated: true}, nil
	}
	defer func() { v.card.Close() }()
	if v.file.No != p.Card {
		return Outcome{}, reused(p)
	}
	return d.resume(ctx, v, p)
}

// repeats says whether the request asks for what purchase p was asked for.
func (r TopUpRequest) repeats(p vending.Purchase) bool {
	return r.MoneyFen == p.Quote.Money && r.Means == p.Means && (r.Card == "" || r.Card == p.Card)
}

func reused(p vending.Purchase) error {
	return vending.ErrIDReused.With("ID", p.ID, "Card", p.Card, "Amount", vending.FormatYuan(p.Quote.Money))
}

// open stores the intent (DESIGN.md §1, step 1). After it the money is a fact.
// ours is false where the purchase was stored before, or may have been taken up by
// somebody else since.
func (d *Desk) open(ctx context.Context, v *visit, req TopUpRequest) (p vending.Purchase, ours bool, err error) {
	err = d.Store.ForCustomer(ctx, v.file.Customer, d.deed("purchase opened"), func(tx *store.Tx) error {
		p, err = tx.ClaimID(ctx, req.ID)
		switch {
		case err == nil && req.repeats(p) && p.Card == v.file.No:
			return nil // the same request was here a moment ago
		case err == nil:
			return reused(p)
		case !errors.Is(err, vending.ErrNoPurchase):
			return err
		}
		if p, err = d.quote(ctx, tx, v, req); err != nil {
			return err
		}
		ours = true
		return tx.AddPurchase(ctx, p)
	})
	if !errors.Is(err, vending.ErrCommitInDoubt) {
		return p, ours, err
	}
	// The intent may be stored or not: only a read-back that finds it lets the
	// card be written.
	if stored, readErr := d.Store.Purchase(ctx, req.ID); readErr == nil {
		return stored, false, nil
	}
	return p, false, err
}

// quote decides whether this may be sold, and what it is.
func (d *Desk) quote(ctx context.Context, tx *store.Tx, v *visit, req TopUpRequest) (vending.Purchase, error) {
	p := vending.Purchase{ID: req.ID, Customer: v.file.Customer, Card: v.file.No, Meter: v.file.Meter,
		Means: req.Means, Till: req.Till, State: vending.Pending, Attempt: 1, Opened: d.Now()}
	if err := d.sellable(ctx, tx, v); err != nil {
		return p, err
	}
	var err error
	if p.Tariff, err = tx.Tariff(ctx); err != nil {
		return p, err
	}
	p.VAT = int(p.Tariff.VATBp)
	if p.Quote, err = p.Tariff.Quote(req.MoneyFen, p.Usage); err != nil {
		return p, err
	}
	count, total, err := tx.LastLoaded(ctx, v.file.Meter)
	if err != nil {
		return p, err
	}
	if err := agrees(v, p.Tariff, count, total); err != nil {
		return p, err
	}
	p.Count, p.Total = count+1, total+p.Quote.Credit.N
	return p, d.fits(ctx, tx, p)
}

// sellable is RULES B10.
func (d *Desk) sellable(ctx context.Context, tx *store.Tx, v *visit) error {
	if !tx.Customer.Status.MaySell() {
		return vending.ErrCustomerClosed.With("Customer", tx.Customer.No, "Status", tx.Customer.Status)
	}
	// Read again here: the card may have been reported lost a moment ago.
	card, err := tx.Card(ctx, v.file.No)
	if err != nil {
		return err
	}
	if err := card.Sellable(); err != nil {
		return err
	}
	p, err := tx.Pending(ctx, card.Meter)
	switch {
	case err == nil:
		return vending.ErrUnresolved.With("Card", card.No, "ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money))
	case errors.Is(err, vending.ErrNoPurchase):
		return nil
	default:
		return err
	}
}

// agrees holds the card against the books: on a card that does not show the
// last purchase nothing can be sold, for nothing could be proved of it.
func agrees(v *visit, tariff vending.Tariff, count uint32, total int64) error {
	now := v.contents()
	if now.Purse.Count == count && now.Purse.Total == total && units[now.Identity.Unit] == tariff.Commodity {
		return nil
	}
	return vending.ErrCardDisagrees.With("Card", v.file.No,
		"Shows", summary(now.Purse.Count, now.Purse.Total), "Books", summary(count, total))
}

// fits refuses what the meter or the card could not hold (RULES B10).
func (d *Desk) fits(ctx context.Context, tx *store.Tx, p vending.Purchase) error {
	meter, err := tx.Meter(ctx, p.Meter)
	if err != nil {
		return err
	}
	books, err := tx.Books(ctx, meter)
	if err != nil {
		return err
	}
	held := books.OnCard.N + books.InMeter.N
	if held+p.Quote.Credit.N > meter.MaxCredit || p.Total > cardio.MaxTotal {
		return vending.ErrMeterFull.With("Meter", p.Meter, "Held", vending.FormatThousandths(held),
			"Buys", vending.FormatThousandths(p.Quote.Credit.N), "Max", vending.FormatThousandths(meter.MaxCredit))
	}
	return nil
}
