package counter

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// cardSeen is a deed on the card that is in the terminal, as its record keeps it.
type cardSeen struct {
	Card      string
	Shown     vending.Papers
	ToReplace bool
}

// FoundCard lets the card in the terminal live again that was reported lost or damaged.
// It stays dead, as vending.ErrCardReplaced, once another was begun for its meter: never
// do two live. It must show what the books hold, or what is in doubt on it, and that is
// settled then.
func (d *Desk) FoundCard(ctx context.Context, t Terminal, deed vending.Deed, shown vending.Papers) (card vending.Card, done bool, err error) {
	card, done, err = d.withCard(ctx, t, deed, vending.DeedCardFound, cardSeen{Shown: shown},
		func(tx *store.Tx, card vending.Card, now cardio.Contents) (vending.CardState, error) {
			if err := identified(ctx, tx, shown); err != nil {
				return "", err
			}
			if err := revives(ctx, tx, card); err != nil {
				return "", err
			}
			return vending.CardActive, fits(ctx, tx, card, now, true)
		})
	if err != nil || d.dryRun {
		return card, done, err
	}
	if _, err = d.Resume(ctx, t); errors.Is(err, vending.ErrNoPurchase) {
		err = nil
	}
	return card, done, err
}

// ReturnCard takes the card in the terminal back. Credit that the meter has not taken is
// refunded first (RefundCard), or stays in the books for the card that is to replace
// this one; an e-purse cannot be told less, so what is on it waits for the next card, or is
// paid out when the account is closed.
func (d *Desk) ReturnCard(ctx context.Context, t Terminal, deed vending.Deed, toReplace bool) (card vending.Card, done bool, err error) {
	return d.withCard(ctx, t, deed, vending.DeedCardReturned, cardSeen{ToReplace: toReplace},
		func(tx *store.Tx, card vending.Card, now cardio.Contents) (vending.CardState, error) {
			if card.State == vending.CardReturned {
				return "", card.Dead()
			}
			if last, err := tx.LastCard(ctx, card.Meter); err != nil || last.No != card.No {
				return vending.CardReturned, err // another has its credit
			}
			if err := settled(ctx, tx, card.Meter); err != nil {
				return "", err
			}
			if err := fits(ctx, tx, card, now, false); err != nil {
				return vending.CardReturned, err
			}
			if now.Rule == cardio.ByBalance {
				return vending.CardReturned, handIn(ctx, tx, card, now)
			}
			if toReplace {
				return vending.CardReturned, nil
			}
			return vending.CardReturned, holdsNothing(ctx, tx, card, units[now.Identity.Unit])
		})
}

// withCard does a deed that leaves the card in the terminal in another state.
func (d *Desk) withCard(ctx context.Context, t Terminal, deed vending.Deed, kind string, seen cardSeen,
	decide func(*store.Tx, vending.Card, cardio.Contents) (vending.CardState, error)) (card vending.Card, done bool, err error) {
	if err := deed.By.Permit(vending.MayServe); err != nil {
		return card, false, err
	}
	v, err := d.present(ctx, t, store.Asked{})
	if err != nil {
		return card, false, err
	}
	defer v.card.Close()
	seen.Card = v.facts.Card.No
	deed.Kind, deed.Request = kind, seen
	card = v.facts.Card
	done, err = d.book(ctx, card.Customer, deed, func(tx *store.Tx) (err error) {
		if card, err = tx.Card(ctx, seen.Card); err != nil { // a try that failed may have emptied card
			return err
		}
		state, err := decide(tx, card, v.contents())
		if err != nil {
			return err
		}
		card.State = state
		return tx.SetCardState(ctx, card.No, state)
	})
	return card, done, err
}

// revives says why a card does not live again.
func revives(ctx context.Context, tx *store.Tx, card vending.Card) error {
	switch {
	case card.State.Live():
		return vending.ErrCardLives.With("Card", card.No)
	case card.State == vending.CardReturned:
		return card.Dead()
	}
	last, err := tx.LastCard(ctx, card.Meter)
	if err != nil {
		return err
	}
	if last.No != card.No {
		return vending.ErrCardReplaced.With("Card", card.No, "Other", last.No)
	}
	_, err = tx.OnPremises(ctx, card.Meter) // where it was replaced, what was on the card is in the new one
	return err
}

// fits holds what the card shows against the books; what is in doubt may be on it.
func fits(ctx context.Context, tx *store.Tx, card vending.Card, now cardio.Contents, orPending bool) error {
	shows := shownOn(now, card)
	books, err := booksShow(ctx, tx, card, shows)
	if err != nil || shows.Agrees(books) {
		return err
	}
	if orPending {
		p, err := tx.Pending(ctx, card.Meter)
		if err == nil && shows.Agrees(vending.Shown{Count: p.Count, Total: p.Total, Commodity: shows.Commodity, Balance: books.Balance + p.Quote.Credit.N}) {
			return nil
		}
		if err != nil && !errors.Is(err, vending.ErrNoPurchase) {
			return err
		}
	}
	return vending.ErrCardDisagrees.With("Card", card.No, "Shows", shows.String(), "Books", books.String())
}

// booksShow is what the books hold against what a card shows.
func booksShow(ctx context.Context, tx *store.Tx, card vending.Card, shows vending.Shown) (books vending.Shown, err error) {
	books = vending.Shown{Commodity: shows.Commodity, HasBalance: shows.HasBalance}
	if books.Count, books.Total, err = tx.LastLoaded(ctx, card.Meter); err != nil || !shows.HasBalance {
		return books, err
	}
	b, err := tx.Balance(ctx, ledger.Card(card.No), shows.Commodity)
	books.Balance = b.Posted
	return books, err
}

// holdsNothing is vending.ErrCreditOnCard where the meter has not taken all of it.
func holdsNothing(ctx context.Context, tx *store.Tx, card vending.Card, unit ledger.Commodity) error {
	b, err := tx.Balance(ctx, ledger.Card(card.No), unit)
	if err == nil && b.Posted > 0 {
		err = vending.ErrCreditOnCard.With("Card", card.No, "Credit", vending.FormatCredit(ledger.Amount{N: b.Posted, Commodity: unit}))
	}
	return err
}
