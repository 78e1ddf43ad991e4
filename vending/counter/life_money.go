package counter

import (
	"context"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// readMoney takes in what a meter that counts money shows: of all that it took it has burnt
// what is not left. The register is kept beside it. What it took beyond what the books have in it came from
// the card; where that is more than they have on the card, or less is left than can be, it is a finding: it
// needs a second pair of eyes, and moves nothing.
func (v onSite) readMoney(ctx context.Context, tx *store.Tx, deed vending.Deed, books vending.Books, register int64, shown vending.Display) error {
	loaded, err := purchased(ctx, tx, books, shown)
	if err != nil {
		return err
	}
	left, most := *shown.Remaining, books.InMeter.N+books.Consumed.N+books.OnCard.N-books.Leaving
	if left > loaded || loaded > most || loaded-left < books.Consumed.N {
		if deed.FourEyes() != nil {
			return vending.ErrReadingBack.With("Meter", v.meter.No, "Register", vending.FormatYuan(left), "Known", vending.FormatYuan(books.InMeter.N))
		}
		return nil
	}
	_, err = intake.Into(ctx, tx, vending.Report{Customer: tx.Customer.No, Meter: v.meter.No, Source: vending.OnSite, MeterTime: tx.Now.UTC(),
		Loaded: loaded, Remaining: left, Consumed: loaded - left, Resolution: 1, Register: &register}, tx.Now)
	return err
}

// purchased is all that the meter has taken: as it shows it, else as the books have it; where more
// is left than those have in the meter, it took that from the card. What they have of a card whose
// predecessor was lost is not enough: the meter may have taken that one's credit, too.
func purchased(ctx context.Context, tx *store.Tx, books vending.Books, shown vending.Display) (int64, error) {
	needs := func(what string) error { return vending.ErrStepNeeds.With("Step", "final_reading", "What", what) }
	if shown.Remaining == nil {
		return 0, needs("remaining")
	}
	if shown.Purchased != nil {
		return *shown.Purchased, nil
	}
	if books.Card != "" {
		card, err := tx.Card(ctx, books.Card)
		if err == nil && card.LeftBehind > 0 {
			err = needs("purchased")
		}
		if err != nil {
			return 0, err
		}
	}
	return max(books.InMeter.N, *shown.Remaining) + books.Consumed.N, nil
}
