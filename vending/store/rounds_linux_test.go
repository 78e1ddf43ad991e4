package store_test

import (
	"testing"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending/store"
)

// finds is what a round finds that was not known before.
func finds(t testing.TB, r *store.Rounds, want ...string) {
	t.Helper()
	news, err := r.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range news {
		got = append(got, v.Invariant)
	}
	if len(got) != len(want) {
		t.Fatalf("found %v, want %q", news, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("found %v, want %q", news, want)
		}
	}
}

const (
	replays = "every balance is the sum of its transfers"
	gapless = "purchase counts and totals run on without a gap"
)

// In between, a book is checked when a link was added to it, as a whole and once; everything is checked at first and then rarely.
func TestRounds(t *testing.T) {
	t.Parallel()
	d := open(t)
	busy, quiet := d.lived(t, 1001), d.lived(t, 1002)
	r := store.NewRounds(d.Store, time.Hour)
	finds(t, r)
	finds(t, r) // both had changed lately
	raise := func(h *household) {
		d.by(t, `update ledger_balance set credits_posted = credits_posted + 1 where customer_no = $1 and account like 'advance:%'`, h.customer.No)
	}
	raise(quiet)
	raise(busy)
	busy.must(t, func(tx *store.Tx) error { tx.Changed("x", 1); return nil })
	finds(t, r, replays)
	finds(t, r)
	if r.Found() != 1 {
		t.Errorf("a violation is forgotten: %d", r.Found())
	}
	d.by(t, `update purchase set count = 9 where customer_no = $1 and count = 3`, busy.customer.No)
	finds(t, r) // nothing was added to its book
	busy.must(t, func(tx *store.Tx) error { tx.Changed("x", 2); return nil })
	finds(t, r, gapless)

	r.Age(time.Hour)
	finds(t, r, replays, "all balances of a commodity sum to zero") // the quiet one's
	d.by(t, `update ledger_balance set credits_posted = credits_posted - 1 where account like 'advance:%'`)
	d.by(t, `update purchase set count = 3 where count = 9`)
	r.Age(time.Hour)
	finds(t, r)
	if r.Found() != 0 {
		t.Errorf("what was put right is still found: %d", r.Found())
	}
}

// A transaction that was open during a round is seen by the next.
func TestRoundsSeeWhoWasUnderWay(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	r := store.NewRounds(d.Store, time.Hour)
	finds(t, r)
	h.must(t, func(tx *store.Tx) error {
		finds(t, r) // it has its time already
		return tx.Apply(t.Context(), transfer(1001, ledger.Sold, ledger.Card(h.card.No)))
	})
	finds(t, r, "every transfer has its purchase, report or deed")
}
