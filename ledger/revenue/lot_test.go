package revenue_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
)

// drawLots is credit sold lot upon lot from some start, and price true-ups over
// what is not burnt yet, none of which takes more than was paid.
func drawLots(t *rapid.T) []revenue.Lot {
	at := rapid.Int64Range(0, 1000).Draw(t, "start")
	var lots []revenue.Lot
	for range rapid.IntRange(1, 6).Draw(t, "lots") {
		size := rapid.Int64Range(1, 500_000).Draw(t, "size")
		lot := revenue.Lot{From: at, To: at + size, Cost: rapid.Int64Range(0, 200_000).Draw(t, "cost"),
			VATbp: rapid.SampledFrom([]int64{0, 300, 900, 1300}).Draw(t, "vat")}
		lots = append(lots, lot)
		if rapid.Bool().Draw(t, "trued up") {
			layer := lot
			layer.From += rapid.Int64Range(0, size-1).Draw(t, "burnt")
			worth := new(big.Int).Mul(big.NewInt(lot.Cost), big.NewInt(layer.To-layer.From))
			most := worth.Div(worth, big.NewInt(size)).Int64()
			layer.Cost = rapid.Int64Range(-most, most).Draw(t, "true-up")
			lots = append(lots, layer)
		}
		at += size
	}
	return lots
}

func mustEarned(t interface{ Fatal(...any) }, lots []revenue.Lot, position int64) revenue.Sum {
	sum, err := revenue.Earned(lots, position)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// However a meter gets from its first position to its last, the months add up to
// what the last position earns; what is left is never negative; and in the end
// all that was paid is earned, and the tax is that on each lot's cost.
func TestMonthsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lots := drawLots(t)
		start, sold := revenue.Span(lots)
		whole := mustEarned(t, lots, sold)
		var paid, tax int64
		for _, l := range lots {
			paid += l.Cost
			tax += taxOf(l)
		}
		if whole != (revenue.Sum{Gross: paid, VAT: tax}) {
			t.Fatalf("all lots burnt earn %+v, want %d with tax %d", whole, paid, tax)
		}
		var total, before revenue.Sum
		positions := rapid.SliceOfN(rapid.Int64Range(start, sold), 1, 12).Draw(t, "positions")
		for _, p := range positions {
			now := mustEarned(t, lots, p)
			month, err := now.Sub(before)
			if err != nil {
				t.Fatal(err)
			}
			if total, err = total.Add(month); err != nil {
				t.Fatal(err)
			}
			before = now
			if left := paid - now.Gross; left < 0 {
				t.Fatalf("at %d prepaid is overdrawn by %d", p, -left)
			}
		}
		if want := mustEarned(t, lots, positions[len(positions)-1]); total != want {
			t.Fatalf("months add up to %+v, want %+v", total, want)
		}
	})
}

// taxOf is the tax in a lot's cost by the definition, in numbers without bounds.
func taxOf(l revenue.Lot) int64 {
	over := new(big.Int).Mul(big.NewInt(2*l.Cost), big.NewInt(l.VATbp))
	over.Add(over, big.NewInt(10_000+l.VATbp))
	under := big.NewInt(2 * (10_000 + l.VATbp))
	return new(big.Int).Div(over, under).Int64() // Euclidean: down, for under is positive
}

// By hand: 10 m³ for 26.30 with 9 % VAT; then 100 m³ for 300.00.
func TestEarned(t *testing.T) {
	t.Parallel()
	lots := []revenue.Lot{{From: 0, To: 10_000, Cost: 2630, VATbp: 900}, {From: 10_000, To: 110_000, Cost: 30_000, VATbp: 900}}
	for _, c := range []struct{ position, gross, vat, net int64 }{
		{-5, 0, 0, 0},
		{0, 0, 0, 0},
		{1, 0, 0, 0},                      // 0.263 fen
		{4, 1, 0, 1},                      // 1.052 fen, tax 0.087
		{5_000, 1315, 109, 1206},          // 1315×900/10900 = 108.58
		{10_000, 2630, 217, 2413},         // 217.16
		{10_001, 2630, 217, 2413},         // and 0.3 fen
		{60_000, 17_630, 1456, 16_174},    // and 15,000, of it 1238.53
		{110_000, 32_630, 2694, 29_936},   // and 30,000, of it 2477.06
		{9_999_999, 32_630, 2694, 29_936}, // no more than was sold
	} {
		got := mustEarned(t, lots, c.position)
		if got != (revenue.Sum{Gross: c.gross, VAT: c.vat}) || got.Net() != c.net {
			t.Errorf("at %d: %+v, want %+v", c.position, got, c)
		}
	}
}

// A money meter burns fen: what it burnt is what is earned.
func TestMoneyMeterEarnsWhatItBurns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var lots []revenue.Lot
		at := int64(0)
		for range rapid.IntRange(1, 5).Draw(t, "lots") {
			fen := rapid.Int64Range(1, 100_000).Draw(t, "fen")
			lots = append(lots, revenue.Lot{From: at, To: at + fen, Cost: fen, VATbp: 900})
			at += fen
		}
		position := rapid.Int64Range(0, at).Draw(t, "position")
		if got := mustEarned(t, lots, position); got.Gross != position {
			t.Fatalf("burnt %d, earned %d", position, got.Gross)
		}
	})
}

func TestVATIsRoundedHalfUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		gross := rapid.OneOf(rapid.Int64Range(-2000, 2000), rapid.Int64Range(-1<<60, 1<<60)).Draw(t, "gross")
		bp := rapid.Int64Range(0, 10_000).Draw(t, "bp")
		if got, want := revenue.VAT(gross, bp), taxOf(revenue.Lot{Cost: gross, VATbp: bp}); got != want {
			t.Fatalf("tax in %d at %d: %d, want %d", gross, bp, got, want)
		}
	})
	if got := revenue.VAT(3, 10_000); got != 2 { // 1.5
		t.Error(got)
	}
	if got := revenue.VAT(-3, 10_000); got != -1 { // -1.5
		t.Error(got)
	}
}

func TestWhatIsNoLot(t *testing.T) {
	t.Parallel()
	for _, lot := range []revenue.Lot{
		{From: -1, To: 5, Cost: 1}, {From: 5, To: 5, Cost: 1}, {From: 6, To: 5, Cost: 1},
		{From: 0, To: 5, Cost: 1, VATbp: -1}, {From: 0, To: 5, Cost: 1, VATbp: 10_001},
	} {
		if _, err := revenue.Earned([]revenue.Lot{lot}, 1); !errors.Is(err, revenue.ErrLot) {
			t.Errorf("%+v: %v", lot, err)
		}
	}
	large := revenue.Lot{To: 1, Cost: math.MaxInt64}
	if got := mustEarned(t, []revenue.Lot{large}, 1); got.Gross != math.MaxInt64 {
		t.Error(got)
	}
	if _, err := revenue.Earned([]revenue.Lot{large, large}, 1); !errors.Is(err, ledger.ErrOverflow) {
		t.Error(err)
	}
	least := revenue.Sum{Gross: math.MinInt64}
	if _, err := (revenue.Sum{}).Sub(least); !errors.Is(err, ledger.ErrOverflow) {
		t.Error(err)
	}
}
