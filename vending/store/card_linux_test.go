package store_test

import (
	"context"
	"reflect"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func addCard(h *household, ctx context.Context, uid, meter string) (card vending.Card, err error) {
	err = h.do(ctx, func(tx *store.Tx) (err error) {
		card, err = tx.AddCard(ctx, vending.Card{UID: []byte(uid), Customer: h.customer.No, Meter: meter, KeyVersion: 1}, noon.AddDate(0, 1, 0))
		return err
	})
	return card, err
}

func TestCardsAreFound(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	if h.card.No == other.card.No || len(h.card.No) != vending.CardDigits {
		t.Errorf("cards %q and %q", h.card.No, other.card.No)
	}
	facts, err := d.Facts(t.Context(), store.Asked{UID: h.card.UID})
	if got := facts.Card; err != nil || !reflect.DeepEqual(got, h.card) {
		t.Errorf("got %+v, %v, want %+v", got, err, h.card)
	}
	_, err = d.Facts(t.Context(), store.Asked{UID: []byte("stranger")})
	wantErr(t, err, vending.ErrCardNotOurs)
	h.must(t, func(tx *store.Tx) error {
		for name, find := range map[string]func() (vending.Card, error){
			"last": func() (vending.Card, error) { return tx.LastCard(t.Context(), h.meter.No) },
			"card": func() (vending.Card, error) { return tx.Card(t.Context(), h.card.No) },
		} {
			if got, err := find(); err != nil || !reflect.DeepEqual(got, h.card) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		_, err := tx.Card(t.Context(), other.card.No)
		wantErr(t, err, vending.ErrCardNotOurs)
		wantErr(t, tx.SetCardState(t.Context(), other.card.No, vending.CardLost), vending.ErrCardNotOurs)
		return nil
	})
}

// RULES C1, C2: one chip has one owner, one meter one card that lives.
func TestOneLiveCardAMeter(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	_, err := addCard(h, t.Context(), "second", h.meter.No)
	wantErr(t, err, vending.ErrCardTaken)
	_, err = addCard(other, t.Context(), string(h.card.UID), other.meter.No)
	wantErr(t, err, vending.ErrCardTaken)

	h.must(t, func(tx *store.Tx) error { return tx.SetCardState(t.Context(), h.card.No, vending.CardLost) })
	h.must(t, func(tx *store.Tx) error {
		if card, err := tx.LastCard(t.Context(), h.meter.No); err != nil || card.No != h.card.No || card.State != vending.CardLost {
			t.Error(card, err)
		}
		_, err := tx.LastCard(t.Context(), "no such meter")
		wantErr(t, err, vending.ErrCardNotOurs)
		return nil
	})
	second, err := addCard(h, t.Context(), "second", h.meter.No)
	if err != nil || second.State != vending.CardIssuing {
		t.Fatal(second, err)
	}
	cards, err := d.Cards(t.Context(), 1001)
	if err != nil || len(cards) != 2 || cards[0].No != second.No || cards[1].State != vending.CardLost {
		t.Error(cards, err)
	}
	// The dead card is still known as what it is.
	if facts, err := d.Facts(t.Context(), store.Asked{UID: h.card.UID}); err != nil || facts.Card.State != vending.CardLost {
		t.Error(facts.Card, err)
	}
}

// A card that is known by its number is found under that UID alone, and takes no other card's.
func TestKnowCard(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	h.must(t, func(tx *store.Tx) error {
		wantErr(t, tx.KnowCard(t.Context(), h.card, []byte("by number")), vending.ErrCardNotOurs) // it is in use
		return tx.SetCardState(t.Context(), h.card.No, vending.CardLost)
	})
	made, err := addCard(h, t.Context(), "made up", h.meter.No)
	if err != nil {
		t.Fatal(err)
	}
	err = h.do(t.Context(), func(tx *store.Tx) error { return tx.KnowCard(t.Context(), made, other.card.UID) })
	wantErr(t, err, vending.ErrCardTaken)
	h.must(t, func(tx *store.Tx) error { return tx.KnowCard(t.Context(), made, []byte("by number")) })
	if facts, err := d.Facts(t.Context(), store.Asked{UID: []byte("by number")}); err != nil || facts.Card.No != made.No {
		t.Error(facts.Card, err)
	}
	_, err = d.Facts(t.Context(), store.Asked{UID: []byte("made up")})
	wantErr(t, err, vending.ErrCardNotOurs)
}

// What was sold up to a count is the total of its purchase, or of the last before it; what is pending counts.
func TestSoldUpTo(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	first := h.sold(t, 1)
	second := h.sale(2)
	if err := h.add(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	for count, want := range []int64{0, first.Total, second.Total, second.Total} {
		if got, err := h.SoldUpTo(t.Context(), h.customer.No, h.meter.No, uint32(count)); err != nil || got != want {
			t.Errorf("up to %d: %d, %v, want %d", count, got, err, want)
		}
	}
	h.settle(t, second, vending.ProvedUntouched, "")
	if got, err := h.SoldUpTo(t.Context(), h.customer.No, h.meter.No, 2); err != nil || got != first.Total {
		t.Errorf("voided: %d, %v", got, err)
	}
}

// What a terminal saw is kept, and an older generation does not replace it.
func TestCardSeen(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	if s := h.statement(t); s.Seen != nil {
		t.Errorf("%+v", s.Seen)
	}
	newer := store.Seen{Generation: 3, Count: 2, Total: 152080, At: noon}
	for _, seen := range []store.Seen{{Generation: 2, Count: 1, Total: 76040, At: noon}, newer, {Generation: 2, Count: 1, Total: 76040, At: noon}} {
		if err := h.CardSeen(t.Context(), h.customer.No, h.card.No, seen); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.CardSeen(t.Context(), h.customer.No, h.card.No, store.Seen{}); err != nil { // a card that says neither count nor total
		t.Fatal(err)
	}
	s := h.statement(t)
	if s.Seen == nil || s.Seen.Generation != 3 || s.Seen.Count != 2 || s.Seen.Total != 152080 || !s.Seen.At.Equal(noon) {
		t.Errorf("%+v", s.Seen)
	}
}

func (h *household) statement(t *testing.T) (only store.Statement) {
	t.Helper()
	n := 0
	err := h.Statements(t.Context(), h.meter.No, func(s store.Statement) error {
		only, n = s, n+1
		return nil
	})
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	return only
}
