package counter

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// IssueCard makes the blank card in the terminal the first card of the customer's
// meter (RULES C1). The card's number is taken first; cut anywhere, the same call with
// the same chip finishes it. It returns the card and, where it had been issued before,
// repeated == true. After a card that died it is vending.ErrReissue.
func (d *Desk) IssueCard(ctx context.Context, t Terminal, customer int64, meter string) (card vending.Card, repeated bool, err error) {
	c, err := lookAt(ctx, t)
	if err != nil {
		return card, false, err
	}
	return d.make(ctx, t, c, customer, meter)
}

// chip is what is in the reader before a card is made of it.
type chip struct {
	uid   cardio.UID
	blank bool
}

// lookAt asks whether it is blank before a number is taken: a number that was taken for
// a card which can never carry it would leave the meter without a card for good.
func lookAt(ctx context.Context, t Terminal) (c chip, err error) {
	if c.uid, err = t.Chip(ctx); err != nil {
		return c, err
	}
	card, err := t.Present(ctx)
	switch {
	case errors.Is(err, cardio.ErrBlankCard):
		c.blank = true
		return c, nil
	case err != nil:
		return c, err
	}
	return c, card.Close()
}

// errBehind: while the card was made, its meter proved a purchase that it does not show.
var errBehind = errors.New("the meter has proved a purchase meanwhile")

// make makes the chip the card of a meter: the first, or the one that follows a dead one
// and was granted (Reissue).
func (d *Desk) make(ctx context.Context, t Terminal, c chip, customer int64, meter string) (card vending.Card, repeated bool, err error) {
	for try := 1; ; try++ {
		card, repeated, err = d.makeOnce(ctx, t, c, customer, meter)
		if !errors.Is(err, errBehind) || try == loadTries {
			return card, repeated, err
		}
	}
}

func (d *Desk) makeOnce(ctx context.Context, t Terminal, c chip, customer int64, meter string) (card vending.Card, repeated bool, err error) {
	var fresh cardio.NewCard
	begun := d.deed(vending.DeedCardBegun)
	begun.ID = uuid.Must(uuid.NewV7())
	err = d.Store.ForCustomer(ctx, customer, begun, func(tx *store.Tx) (err error) {
		its, err := tx.OnPremises(ctx, meter)
		if err != nil {
			return err
		}
		if card, err = d.register(ctx, tx, begun.ID, c, its, false); err != nil {
			return err
		}
		fresh, err = newCard(ctx, tx, c, card, its)
		return err
	})
	if err != nil || card.State == vending.CardActive {
		return card, err == nil, err
	}
	if card, err = d.write(ctx, t, fresh, card); err != nil {
		return card, false, err
	}
	if err := d.activate(ctx, t, card); err != nil {
		return card, false, err
	}
	card.State = vending.CardActive
	return card, false, nil
}

// register finds the card that was begun for this chip, or takes a number for a
// blank one. What died before it hands on what it had (inherit); whether a card may
// follow one that was alive, the deed of a reissue decides.
func (d *Desk) register(ctx context.Context, tx *store.Tx, cause uuid.UUID, c chip, meter vending.Meter, follows bool) (vending.Card, error) {
	old, err := tx.LastCard(ctx, meter.No)
	switch {
	case errors.Is(err, vending.ErrCardNotOurs): // the first
	case err != nil:
		return old, err
	case old.State.Live() && bytes.Equal(old.UID, c.uid[:]):
		return old, nil
	case old.State == vending.CardIssuing: // the chip that it was begun on died
		if err := tx.RetireCard(ctx, old.No, vending.CardDamaged); err != nil {
			return old, err
		}
	case old.State.Live():
		return old, vending.ErrCardTaken.With("Meter", meter.No, "Card", old.No)
	case !follows:
		return old, vending.ErrReissue.With("Meter", meter.No, "Card", old.No)
	}
	if !tx.Customer.Status.MaySell() {
		return old, vending.ErrCustomerClosed.With("Customer", tx.Customer.No, "Status", tx.Customer.Status)
	}
	if err := giveUpReversal(ctx, tx, meter.No); err != nil {
		return old, err
	}
	card, err := d.number(ctx, tx, c, meter)
	if err != nil || old.No == "" {
		return card, err
	}
	return card, inherit(ctx, tx, cause, meter, old, card.No)
}

// number takes a number for a blank chip that is nobody's.
func (d *Desk) number(ctx context.Context, tx *store.Tx, c chip, meter vending.Meter) (card vending.Card, err error) {
	if !c.blank {
		if err := tx.ChipFree(ctx, c.uid[:]); err != nil {
			return card, err
		}
		return card, cardio.ErrNotBlank // and nobody's in the books
	}
	card = vending.Card{UID: c.uid[:], Customer: tx.Customer.No, Meter: meter.No}
	if d.dryRun {
		if card.No, err = tx.NextCard(ctx); err != nil {
			return card, err
		}
	}
	return tx.AddCard(ctx, card, tx.Now)
}

// newCard is what the chip is made into: all that was sold of the meter's credit, and
// nothing that is in doubt.
func newCard(ctx context.Context, tx *store.Tx, c chip, card vending.Card, meter vending.Meter) (n cardio.NewCard, err error) {
	n = cardio.NewCard{UID: c.uid, Number: card.No, Meter: card.Meter, Unit: unitOf(meter.Commodity)}
	if n.Count, n.Total, err = tx.LastLoaded(ctx, card.Meter); err != nil {
		return n, err
	}
	if card.Purse { // it was begun before
		return emptyPurse(n), nil
	}
	last, err := tx.LastPurchases(ctx, card.Meter, cardio.LastPurchases)
	for _, p := range last {
		order := orderOf(p, card)
		if !p.Undone.IsZero() {
			order.Credit = 0 // it was taken back, and has its count all the same
		}
		n.Last = append(n.Last, order)
	}
	return n, err
}

// write makes the card. One that will be known by its number only is registered so
// before a byte is written: cut, it is found again.
func (d *Desk) write(ctx context.Context, t Terminal, n cardio.NewCard, card vending.Card) (vending.Card, error) {
	err := write(ctx, t, n, carriedOn(card)...)
	var known cardio.KnownByNumber
	switch {
	case errors.Is(err, cardio.ErrCountsItself):
		return d.beginPurse(ctx, t, n, card)
	case !errors.As(err, &known):
		return card, err
	}
	err = d.Store.ForCustomer(ctx, card.Customer, d.deed(vending.DeedCardBegun), func(tx *store.Tx) error {
		return tx.KnowCard(ctx, card, known.UID[:])
	})
	if err != nil {
		return card, err
	}
	n.UID, card.UID = known.UID, known.UID[:]
	return card, write(ctx, t, n)
}

// write personalises the card. One that carries the number already was written
// before a cut, and is not written again, but for a purchase that was proved since, and for
// the loads that a new e-purse is to have.
func write(ctx context.Context, t Terminal, n cardio.NewCard, loads ...cardio.Order) error {
	made, err := t.Issue(ctx, n)
	if errors.Is(err, cardio.ErrNotBlank) {
		made, err = t.Present(ctx)
	}
	if err != nil {
		return err
	}
	defer made.Close()
	now := made.Contents()
	if id := now.Identity; id.UID != n.UID || id.Number != n.Number || id.Meter != n.Meter {
		return cardio.ErrNotBlank
	}
	// The meter has proved it. A card without a count says by its total that it is behind.
	if p := now.Purse; p.Count < n.Count && (!p.Lacks.Has(cardio.LacksCount) || p.Total < n.Total) {
		loads = n.Last[:1]
	}
	for _, o := range loads {
		if verdict, err := made.Load(o); verdict != cardio.Loaded {
			return fmt.Errorf("purchase %d on the new card: %s: %w", o.Count, verdict, err)
		}
	}
	return nil
}

// activate settles on the card that was just made what was in doubt on the one that
// died, and makes it alive if it shows what the books hold then.
func (d *Desk) activate(ctx context.Context, t Terminal, card vending.Card) error {
	v, err := d.present(ctx, t, store.Asked{})
	if err != nil {
		return err
	}
	defer func() { v.card.Close() }()
	if v.facts.Card.No != card.No {
		return cardio.ErrOtherCard
	}
	if p := v.facts.Pending; p != nil {
		out, err := d.resume(ctx, v, *p)
		if err == nil && out.Purchase.State == vending.Pending {
			err = vending.ErrUnresolved.With("Card", card.No, "ID", p.ID, "Amount", vending.FormatYuan(p.Quote.Money))
		}
		if err != nil {
			return err
		}
	}
	now := v.contents()
	return d.Store.ForCustomer(ctx, card.Customer, d.deed(vending.DeedCardIssued), func(tx *store.Tx) error {
		shows := shownOn(now, card)
		books, err := booksShow(ctx, tx, card, shows)
		if err != nil {
			return err
		}
		if !shows.Agrees(books) {
			return errors.Join(errBehind, vending.ErrCardDisagrees.With("Card", card.No, "Shows", shows.String(), "Books", books.String()))
		}
		if shows.HasBalance && !card.Purse { // the first of its meter
			card.Purse = true
			if err := tx.SetPurse(ctx, card); err != nil {
				return err
			}
		}
		if err := tx.SetCardKeys(ctx, card.No, now.Identity.KeyVersion); err != nil {
			return err
		}
		return tx.SetCardState(ctx, card.No, vending.CardActive)
	})
}

func unitOf(c ledger.Commodity) cardio.Unit {
	for unit, commodity := range units {
		if commodity == c {
			return unit
		}
	}
	return 0
}
