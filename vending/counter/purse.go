package counter

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// What an e-purse says and what it cannot say, and what follows from that, is in DESIGN.md.

// purseRead takes in what an e-purse says of its meter: what was on it by the books, and is
// neither on it nor may be on a purse that died, the meter has taken. While a purchase is
// in doubt, or the card not finished, the books do not know what should be on it.
func (d *Desk) purseRead(ctx context.Context, v *visit) error {
	p, card := v.contents().Purse, v.facts.Card
	if v.facts.Pending != nil || card.State == vending.CardIssuing || unread(v.facts.Books().OnCard.N, card, p) <= 0 {
		return nil
	}
	deed := d.deed(vending.DeedPurseRead)
	// A load counts up and the meter takes down: the same count and balance are the same reading.
	deed.ID = ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("purse %s %d %d", card.No, p.Count, p.Balance))
	_, err := d.book(ctx, card.Customer, deed, func(tx *store.Tx) error {
		b, err := tx.Balance(ctx, ledger.Card(card.No), ledger.CNY)
		if err != nil {
			return err
		}
		taken := max(0, unread(b.Posted-b.Outgoing, card, p))
		return tx.Apply(ctx, move(tx, deed.ID, "taken", ledger.Card(card.No), ledger.Meter(card.Meter), ledger.Fen(taken))...)
	})
	if err != nil {
		return err
	}
	return d.refresh(ctx, v)
}

// unread is what the books have on a purse beyond what can be anywhere but in the meter.
func unread(books int64, card vending.Card, p cardio.Purse) int64 {
	return books - card.LeftBehind - p.Balance
}

// handIn keeps how much of what the books have on a purse that is handed in is not on it.
func handIn(ctx context.Context, tx *store.Tx, card vending.Card, now cardio.Contents) error {
	b, err := tx.Balance(ctx, ledger.Card(card.No), ledger.CNY)
	if err != nil {
		return err
	}
	card.LeftBehind = b.Posted - now.Purse.Balance
	return tx.SetPurse(ctx, card)
}

// beginPurse makes an e-purse of a card that follows another. It carries what the one before
// still held if that is in our hands and was read; else nothing, for its meter would take
// from both.
func (d *Desk) beginPurse(ctx context.Context, t Terminal, n cardio.NewCard, card vending.Card) (vending.Card, error) {
	err := d.Store.ForCustomer(ctx, card.Customer, d.deed(vending.DeedCardBegun), func(tx *store.Tx) error {
		b, err := tx.Balance(ctx, ledger.Card(card.No), ledger.CNY)
		if err != nil {
			return err
		}
		before, err := tx.CardBefore(ctx, card)
		if err != nil && !errors.Is(err, vending.ErrCardNotOurs) {
			return err
		}
		card.Purse, card.CountsFrom, card.LeftBehind = true, n.Count, b.Posted
		if left := b.Posted - before.LeftBehind; before.Purse && before.State == vending.CardReturned && left > 0 {
			card.Carried, card.LeftBehind, card.CountsFrom = left, before.LeftBehind, n.Count-1
		}
		return tx.SetPurse(ctx, card)
	})
	if err != nil {
		return card, err
	}
	return card, write(ctx, t, emptyPurse(n), carriedOn(card)...)
}

// emptyPurse is a new card whose chip starts its counts itself.
func emptyPurse(n cardio.NewCard) cardio.NewCard {
	n.Count, n.Total, n.Last = 0, 0, nil
	return n
}

// carriedOn is the first load of a purse that follows one which was handed in. It is no
// purchase: the credit was bought before.
func carriedOn(card vending.Card) []cardio.Order {
	if card.Carried == 0 {
		return nil
	}
	id := ledger.MoveID(uuid.NameSpaceOID, "carried on "+card.No)
	return []cardio.Order{{Purchase: id, Count: 1, Credit: card.Carried, Total: card.Carried}}
}
