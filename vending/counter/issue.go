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

// IssueCard makes the blank card in the terminal the card of the customer's
// meter (RULES C1). The card's number is taken first; cut anywhere, the same
// call with the same chip finishes it. It returns the card and, where it had been
// issued before, repeated == true.
func (d *Desk) IssueCard(ctx context.Context, t Terminal, customer int64, meter string) (card vending.Card, repeated bool, err error) {
	chip, err := t.Chip(ctx)
	if err != nil {
		return card, false, err
	}
	blank, err := isBlank(ctx, t)
	if err != nil {
		return card, false, err
	}
	var fresh cardio.NewCard
	err = d.Store.ForCustomer(ctx, customer, d.deed("card begun"), func(tx *store.Tx) (err error) {
		its, err := tx.Meter(ctx, meter)
		if err != nil {
			return err
		}
		if card, err = d.register(ctx, tx, chip, blank, meter); err != nil {
			return err
		}
		fresh, err = d.newCard(ctx, tx, chip, card, its)
		return err
	})
	if err != nil {
		return card, false, err
	}
	if card.State == vending.CardActive {
		return card, true, nil
	}
	if err := d.write(ctx, t, fresh); err != nil {
		return card, false, err
	}
	card.State = vending.CardActive
	return card, false, d.Store.ForCustomer(ctx, customer, d.deed("card issued"), func(tx *store.Tx) error {
		return tx.SetCardState(ctx, card.No, vending.CardActive)
	})
}

// isBlank is asked before a number is taken: a number that was taken for a card
// which can never carry it would leave the meter without a card for good.
func isBlank(ctx context.Context, t Terminal) (bool, error) {
	card, err := t.Present(ctx)
	switch {
	case errors.Is(err, cardio.ErrBlankCard):
		return true, nil
	case err != nil:
		return false, err
	}
	return false, card.Close()
}

// register finds the card that was begun for this chip, or takes a number for a
// blank one.
func (d *Desk) register(ctx context.Context, tx *store.Tx, chip cardio.UID, blank bool, meter string) (vending.Card, error) {
	card, err := tx.LiveCard(ctx, meter)
	switch {
	case err == nil && bytes.Equal(card.UID, chip[:]):
		return card, nil
	case err == nil && card.State == vending.CardIssuing:
		// The chip that it was begun on died. Nothing was ever sold on it.
		if err := tx.SetCardState(ctx, card.No, vending.CardLost); err != nil {
			return card, err
		}
	case err == nil:
		return card, vending.ErrCardTaken.With("Meter", meter, "Card", card.No)
	case !errors.Is(err, vending.ErrCardNotOurs):
		return card, err
	}
	if !tx.Customer.Status.MaySell() {
		return card, vending.ErrCustomerClosed.With("Customer", tx.Customer.No, "Status", tx.Customer.Status)
	}
	card, err = tx.AddCard(ctx, vending.Card{UID: chip[:], Customer: tx.Customer.No, Meter: meter}, d.Now())
	if err == nil && !blank {
		err = cardio.ErrNotBlank // and nobody's in the books
	}
	return card, err
}

func (d *Desk) newCard(ctx context.Context, tx *store.Tx, chip cardio.UID, card vending.Card, meter vending.Meter) (cardio.NewCard, error) {
	count, total, err := tx.LastLoaded(ctx, card.Meter)
	return cardio.NewCard{UID: chip, Number: card.No, Meter: card.Meter, Unit: unitOf(meter.Commodity), Count: count, Total: total}, err
}

// write personalises the card. One that carries the number already was written
// before a cut, and is not written again.
func (d *Desk) write(ctx context.Context, t Terminal, n cardio.NewCard) error {
	made, err := t.Issue(ctx, n)
	if errors.Is(err, cardio.ErrNotBlank) {
		made, err = t.Present(ctx)
	}
	if err != nil {
		return err
	}
	defer made.Close()
	if id := made.Contents().Identity; id.UID != n.UID || id.Number != n.Number || id.Meter != n.Meter {
		return cardio.ErrNotBlank
	}
	return nil
}

func unitOf(c ledger.Commodity) cardio.Unit {
	for unit, commodity := range units {
		if commodity == c {
			return unit
		}
	}
	return 0
}
