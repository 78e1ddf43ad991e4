package main

import (
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Ages are of the oldest of each kind, of what was given up apart; nothing is of no age.
func TestChoreMetrics(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	m := newChoreMetrics(r)
	hours := func(n int) time.Time { return time.Now().Add(-time.Duration(n) * time.Hour) }
	m.wait(store.WaitingSince{Waiting: map[vending.ChoreKind]time.Time{vending.PriceChore: hours(2), vending.DoubtChore: hours(-1)},
		GivenUp: map[vending.ChoreKind]time.Time{vending.PriceChore: hours(5)}})
	for _, c := range []struct {
		kind    vending.ChoreKind
		givenUp bool
		hours   float64
	}{{vending.PriceChore, false, 2}, {vending.PriceChore, true, 5}, {vending.DoubtChore, false, 0}, {vending.DoubtChore, true, 0}} {
		if age := m.age(c.kind, c.givenUp) / 3600; age < c.hours || age > c.hours+0.1 {
			t.Errorf("%s, given up %t: %v hours", c.kind, c.givenUp, age)
		}
	}
	m.tried(vending.Chore{Kind: vending.PriceChore}, nil)
	m.tried(vending.Chore{Kind: vending.PriceChore}, errors.New("no answer"))
	m.tried(vending.Chore{Kind: vending.PriceChore, GivenUp: true}, errors.New("it declines"))
	for _, outcome := range []string{"done", "failed", "given_up"} {
		if n := testutil.ToFloat64(m.tries.WithLabelValues("price", outcome)); n != 1 {
			t.Errorf("%s: %v", outcome, n)
		}
	}
	if wrong, err := testutil.GatherAndLint(r); err != nil || len(wrong) > 0 {
		t.Errorf("%v, %v", wrong, err)
	}
}
