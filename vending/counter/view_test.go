package counter_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// Whoever looks at a card or a purchase leaves a trace; who sees nothing leaves none
// (RULES B12).
func TestLooksAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.opened(t)
	d := w.desk(w.store)
	out, err := d.TopUp(t.Context(), w.terminal(slotWith(h)), request(topUpFen))
	if err != nil {
		t.Fatal(err)
	}
	wantLooks(t, w, h.no)
	if _, err := d.Look(t.Context(), w.terminal(slotWith(h))); err != nil {
		t.Fatal(err)
	}
	wantLooks(t, w, h.no, "card")
	if _, err := d.As(vending.Actor{Staff: "chief", From: "back office"}).Purchase(t.Context(), out.Purchase.ID); err != nil {
		t.Fatal(err)
	}
	wantLooks(t, w, h.no, "purchase", "card")
	if p, err := d.Purchase(t.Context(), uuid.New()); !errors.Is(err, vending.ErrNoPurchase) || p.ID != uuid.Nil {
		t.Error(p, err)
	}
	wantLooks(t, w, h.no, "purchase", "card")
}

func wantLooks(t *testing.T, w *world, customer int64, want ...string) {
	t.Helper()
	got, err := w.store.Looks(t.Context(), customer, 10)
	if err != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v, want %v", got, err, want)
	}
	for i, l := range got {
		if by := map[string]string{"card": "clerk", "purchase": "chief"}[l.What]; l.What != want[i] || l.Who != by {
			t.Errorf("got %v, want %s by %s", l, want[i], by)
		}
	}
}
