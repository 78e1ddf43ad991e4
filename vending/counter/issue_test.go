package counter_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
)

// TestIssueToWrongCard: a card that can never carry the number is in the reader
// first. No number is taken for it, and then the blank one is issued.
func TestIssueToWrongCard(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		chip *cardsim.Card
		want error
	}{
		{"of another utility", issuedElsewhere(t, &cardio.Terminal{Keys: newKeys(), Utility: utility + 1}), cardio.ErrForeignCard},
		{"forged", forged(t), cardio.ErrForeignCard},
		{"ours, unknown to the books", issuedElsewhere(t, &cardio.Terminal{Keys: w.keys, Utility: utility}), cardio.ErrNotBlank},
		{"another customer's", w.opened(t).chip, vending.ErrCardTaken},
	} {
		h := w.registered(t)
		slot := cardsim.NewSlot("counter")
		slot.Insert(c.chip)
		if _, _, err := w.desk(w.store).IssueCard(t.Context(), w.terminal(slot), h.no, h.number()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if cards, err := w.store.Cards(t.Context(), h.no); err != nil || len(cards) > 0 {
			t.Errorf("%s: cards %v, %v: want none", c.name, cards, err)
		}
		card, _, err := w.desk(w.store).IssueCard(t.Context(), w.terminal(slotWith(h)), h.no, h.number())
		if err != nil || card.State != vending.CardActive {
			t.Errorf("%s: then the blank one: %s, %v", c.name, card.State, err)
		}
	}
}
