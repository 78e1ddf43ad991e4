package revenue_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger/revenue"
)

const aDay = 24 * time.Hour

var edges = []time.Duration{31 * aDay, 91 * aDay, 366 * aDay}

func TestAge(t *testing.T) {
	t.Parallel()
	inflows := []revenue.Inflow{{At: day(6, 1), Fen: 100}, {At: day(5, 1), Fen: 200}, {At: day(1, 1), Fen: 400}}
	for _, c := range []struct {
		balance int64
		want    []int64
	}{
		{0, []int64{0, 0, 0, 0}},
		{60, []int64{60, 0, 0, 0}},
		{250, []int64{100, 150, 0, 0}},
		{700, []int64{100, 200, 400, 0}},
		{705, []int64{100, 200, 400, 5}}, // from before the books
		{-5, []int64{0, 0, 0, -5}},
	} {
		if got := revenue.Age(c.balance, inflows, day(6, 30), edges); !slices.Equal(got, c.want) {
			t.Errorf("%d: %v, want %v", c.balance, got, c.want)
		}
	}
	// An edge belongs to the older side.
	if got := revenue.Age(9, []revenue.Inflow{{At: day(6, 30).Add(-31 * aDay), Fen: 9}}, day(6, 30), edges); got[1] != 9 {
		t.Error(got)
	}
}

func TestAgesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var inflows []revenue.Inflow
		for i := range rapid.IntRange(0, 9).Draw(t, "inflows") {
			inflows = append(inflows, revenue.Inflow{At: day(12, 28).Add(-time.Duration(i) * 40 * aDay), Fen: rapid.Int64Range(1, 500).Draw(t, "fen")})
		}
		balance := rapid.Int64Range(0, 3000).Draw(t, "balance")
		sum := int64(0)
		for _, part := range revenue.Age(balance, inflows, day(12, 31), edges) {
			sum += part
		}
		if sum != balance {
			t.Fatalf("%d, want %d", sum, balance)
		}
	})
}
