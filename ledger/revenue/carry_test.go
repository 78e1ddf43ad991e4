package revenue_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger/revenue"
)

// By hand: 100 m³ for 263.00, then 50 m³ for 150.00; 120 m³ are burnt. Of the first nothing is left, of the second
// 30 m³, which cost 150.00 − 60.00 = 90.00. At 33.333 m³, 263.00 − floor(87.66…) = 175.34 are left of the first.
func TestCarryByHand(t *testing.T) {
	t.Parallel()
	lots := []revenue.Lot{{From: 0, To: 100_000, Cost: 26300, VATbp: 900}, {From: 100_000, To: 150_000, Cost: 15000, VATbp: 1300}}
	for _, c := range []struct {
		position, start int64
		want            []revenue.Lot
		cost            int64
	}{
		{120_000, 0, []revenue.Lot{{From: 0, To: 30_000, Cost: 9000, VATbp: 1300}}, 9000},
		{33_333, 7, []revenue.Lot{{From: 7, To: 66_674, Cost: 17534, VATbp: 900}, {From: 66_674, To: 116_674, Cost: 15000, VATbp: 1300}}, 32534},
		{150_000, 0, nil, 0},
		{-5, 0, []revenue.Lot{{From: 5, To: 100_005, Cost: 26300, VATbp: 900}, {From: 100_005, To: 150_005, Cost: 15000, VATbp: 1300}}, 41300},
	} {
		carried, cost, err := revenue.Carry(lots, c.position, c.start)
		if !slices.Equal(carried, c.want) || cost != c.cost || err != nil {
			t.Errorf("at %d: %v, %d, %v, want %v, %d", c.position, carried, cost, err, c.want, c.cost)
		}
	}
	if _, _, err := revenue.Carry([]revenue.Lot{{From: 1, To: 1}}, 0, 0); err == nil {
		t.Error("an empty lot is carried")
	}
}

// Swaps lose no litre and no fen: what the old meters earned and the last one will earn is what was paid; and an old meter
// whose rest was carried has nothing left.
func TestSwapsConserve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lots := drawLots(t)
		var paid, earned int64
		for _, l := range lots {
			paid += l.Cost
		}
		for range rapid.IntRange(1, 4).Draw(t, "swaps") {
			start, sold := revenue.Span(lots)
			at := rapid.Int64Range(start, sold).Draw(t, "at")
			earned += mustEarned(t, lots, at).Gross
			base := rapid.Int64Range(0, 10).Draw(t, "base")
			carried, cost, err := revenue.Carry(lots, at, base)
			if err != nil || earned+cost != paid {
				t.Fatalf("earned %d + carried %d of %d: %v", earned, cost, paid, err)
			}
			if from, to := revenue.Span(carried); len(carried) > 0 && (from != base || to-from != sold-at) {
				t.Fatalf("carried from %d to %d, %d were left", from, to, sold-at)
			}
			cancelled, err := revenue.Cancel(lots, at)
			if err != nil {
				t.Fatal(err)
			}
			if old := append(slices.Clone(lots), cancelled...); mustEarned(t, old, at) != mustEarned(t, lots, at) ||
				mustEarned(t, old, sold).Gross != mustEarned(t, lots, at).Gross {
				t.Fatalf("the old meter goes on earning: %+v", old)
			}
			if lots = carried; len(lots) == 0 {
				return
			}
		}
	})
}
