package counter_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// writeKey is the instruction that gives a card a key.
const writeKey = 0xD4

// rolling is a household with a card of key version 1, in a company that has version 2 by now, and whose meters know both.
func rolling(t *testing.T) (w *world, h *household, slot *cardsim.Slot, now counter.Terminal) {
	t.Helper()
	w = newWorld(t)
	old := w.keys
	var err error
	if w.keys, err = old.Add(2, nil); err != nil {
		t.Fatal(err)
	}
	h = w.registered(t)
	slot = slotWith(h)
	at := func(keys *sam.File) counter.Terminal {
		return counter.Journaled(counter.At(&cardio.Terminal{Reader: slot, Keys: keys, Utility: utility}), w.store)
	}
	card, _, err := w.desk(w.store).IssueCard(t.Context(), at(old), h.no, h.number())
	if err != nil {
		t.Fatal(err)
	}
	h.card = card.No
	sell(t, w, at(old))
	if err := h.toMeter(slot); err != nil {
		t.Fatal(err)
	}
	return w, h, slot, at(w.keys)
}

func sell(t *testing.T, w *world, at counter.Terminal) {
	t.Helper()
	if out, err := w.desk(w.store).TopUp(t.Context(), at, request(topUpFen)); err != nil || out.Purchase.State != vending.Loaded {
		t.Fatalf("%v, %v", out.Purchase.State, err)
	}
}

func (w *world) keyed(t *testing.T, want map[uint8]int64) {
	t.Helper()
	if got, err := w.store.CardsByKeys(t.Context()); err != nil || !maps.Equal(got, want) {
		t.Errorf("cards by key version: %v, %v; want %v", got, err, want)
	}
}

// TestRekeyAtTheCounter: a card is keyed anew once the company says so and nothing is pending on it; cut, it is completed when it
// is presented next, and sold to. Card, meter and books agree.
func TestRekeyAtTheCounter(t *testing.T) {
	t.Parallel()
	w, h, slot, at := rolling(t)
	desk, before := w.desk(w.store), len(slot.Log())
	if out, err := desk.Rekey(t.Context(), at); err != nil || out.Done() || len(slot.Log()) != before {
		t.Errorf("nobody asked for it: %+v, %v", out, err)
	}
	w.by(t, `insert into life_rule (name, value) values ('card_key_version', 2)`)

	slot.Inject(cardsim.OnINS(0xD6), cardsim.Tear(7, cardsim.ErasedBytes))
	if out, err := desk.TopUp(t.Context(), at, request(topUpFen)); err != nil || out.Purchase.State != vending.Pending {
		t.Fatalf("%v, %v", out.Purchase.State, err)
	}
	slot.Insert(h.chip)
	if _, err := desk.Rekey(t.Context(), at); !errors.Is(err, vending.ErrUnresolved) {
		t.Errorf("with a purchase in doubt: %v", err)
	}
	if out, err := desk.Resume(t.Context(), at); err != nil || out.Purchase.State != vending.Loaded {
		t.Fatalf("%v, %v", out.Purchase.State, err)
	}
	w.keyed(t, map[uint8]int64{1: 1})

	slot.Inject(cardsim.OnINS(writeKey), cardsim.PullAfter())
	if _, err := desk.Rekey(t.Context(), at); !errors.Is(err, cardio.ErrHalfKeyed) {
		t.Errorf("pulled: %v", err)
	}
	slot.Insert(h.chip)
	sell(t, w, at)
	if out, err := desk.Rekey(t.Context(), at); err != nil || out.Done() || out.Now != 2 {
		t.Errorf("it was completed already: %+v, %v", out, err)
	}
	w.keyed(t, map[uint8]int64{2: 1})
	w.same(t, h, slot)
}

// same holds card, meter and books against each other.
func (w *world) same(t *testing.T, h *household, slot *cardsim.Slot) {
	t.Helper()
	if err := h.toMeter(slot); err != nil {
		t.Fatal(err)
	}
	last, err := w.store.LastPurchases(t.Context(), h.no, h.number(), 1)
	if err != nil || h.meter.Snapshot().Loaded != last[0].Total {
		t.Errorf("the meter took %d, sold were %+v, %v", h.meter.Snapshot().Loaded, last, err)
	}
	violations, err := w.store.CheckBooks(t.Context())
	if err != nil || len(violations) > 0 {
		t.Errorf("books: %v, %v", violations, err)
	}
}

// TestRekeyGoesOn: a link that breaks while the card stays in the reader is no reason to bother anybody.
func TestRekeyGoesOn(t *testing.T) {
	t.Parallel()
	w, h, slot, at := rolling(t)
	w.by(t, `insert into life_rule (name, value) values ('card_key_version', 2)`)
	slot.Inject(cardsim.OnINS(writeKey), cardsim.LoseAnswer())
	if out, err := w.desk(w.store).Rekey(t.Context(), at); err != nil || !out.Done() || out.Was != 1 || out.Now != 2 {
		t.Errorf("%+v, %v", out, err)
	}
	w.keyed(t, map[uint8]int64{2: 1})
	sell(t, w, at)
	w.same(t, h, slot)
}
