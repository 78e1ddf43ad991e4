package vending_test

import (
	"slices"
	"testing"

	"github.com/vendgate/vendgate/vending"
)

// steps is the price list of the worked examples: gas in three steps a calendar year,
//
//	up to 350 m³  2.63 CNY/m³
//	up to 500 m³  3.16
//	above         3.95
//
// for households of four; each further person raises both bounds by 80 m³.
func steps() vending.Tariff {
	t := flat(263, 10)
	t.Tiers = []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {UpTo: 500_000, PriceFen: 316}, {PriceFen: 395}}
	t.Allowance = vending.Allowance{Above: 4, Units: 80_000}
	return t
}

// worked is one example: money buys credit, in lines, with the numbers computed by hand.
type worked struct {
	money  int64
	usage  vending.Usage
	credit int64
	change int64
	lines  []vending.Line
}

func (w worked) check(t *testing.T, tariff vending.Tariff) {
	t.Helper()
	q, err := tariff.Quote(w.money, w.usage)
	if err != nil || q.Credit.N != w.credit || q.Change != w.change || q.Cost != w.money-w.change {
		t.Errorf("%d fen buy %+v, %v; want %d and %d back", w.money, q, err, w.credit, w.change)
	}
	if lines := tariff.Lines(q.Credit.N, w.usage); !slices.Equal(lines, w.lines) {
		t.Errorf("%d fen: lines %+v, want %+v", w.money, lines, w.lines)
	}
}

// Tiers. 330 m³ are used; 200 yuan buy on:
//
//	20 m³ × 2.63           = 52.60
//	left 147.40 / 3.16     = 46.645… m³, so 46.64 in whole steps of 0.01 m³
//	46.64 m³ × 3.16        = 147.3824
//	together 199.9824, up  = 199.99, change 0.01
func TestWorkedTiers(t *testing.T) {
	t.Parallel()
	worked{20000, vending.Usage{Used: 330_000, Persons: 3}, 66_640, 1,
		[]vending.Line{{Tier: 1, Units: 20_000, PriceFen: 263, Fen: 5260}, {Tier: 2, Units: 46_640, PriceFen: 316, Fen: 14739}}}.
		check(t, steps())
}

// Through all tiers. 1,800 yuan from the first unit of the year:
//
//	350 m³ × 2.63 = 920.50
//	150 m³ × 3.16 = 474.00
//	left 405.50 / 3.95 = 102.658… m³, so 102.65
//	102.65 × 3.95 = 405.4675; together 1,799.9675, up = 1,799.97, change 0.03
func TestWorkedAllTiers(t *testing.T) {
	t.Parallel()
	worked{180_000, vending.Usage{}, 602_650, 3, []vending.Line{{Tier: 1, Units: 350_000, PriceFen: 263, Fen: 92_050},
		{Tier: 2, Units: 150_000, PriceFen: 316, Fen: 47_400}, {Tier: 3, Units: 102_650, PriceFen: 395, Fen: 40_547}}}.
		check(t, steps())
}

// A household of six has 350 + 2 × 80 = 510 m³ of the first tier: all of 66.64 m³
// after 330 m³ is in it. 200 / 2.63 = 76.045… m³, so 76.04, for 199.9852, up 199.99.
func TestWorkedAllowance(t *testing.T) {
	t.Parallel()
	worked{20000, vending.Usage{Used: 330_000, Persons: 6}, 76_040, 1,
		[]vending.Line{{Tier: 1, Units: 76_040, PriceFen: 263, Fen: 19_999}}}.
		check(t, steps())
}

// Moved in on the 1st of September: 4 months of 12, so the first tier ends at
// 350 × 4 / 12 = 116.666 m³ and the second at 166.666. 500 yuan from the first unit:
//
//	116.666 m³ × 2.63 = 306.83158
//	50.000 m³ × 3.16  = 158.00
//	left 35.16842 / 3.95 = 8.903… m³, which makes 175.569…, so 175.56 in whole steps
//	of it in the third tier 8.894 m³ × 3.95 = 35.1313
//	together 499.96288, up = 499.97, change 0.03
//
// Line by line, each the sum so far rounded up less the lines before:
// 306.84, then 464.84 − 306.84 = 158.00, then 499.97 − 464.84 = 35.13.
func TestWorkedMidYearMove(t *testing.T) {
	t.Parallel()
	worked{50_000, vending.Usage{Months: 4}, 175_560, 3, []vending.Line{{Tier: 1, Units: 116_666, PriceFen: 263, Fen: 30_684},
		{Tier: 2, Units: 50_000, PriceFen: 316, Fen: 15_800}, {Tier: 3, Units: 8_894, PriceFen: 395, Fen: 3_513}}}.
		check(t, steps())
}

// The year's end lies inside a tier. On the 31st of December 480 m³ are used: 100 yuan buy
// 20 m³ × 3.16 = 63.20, then 36.80 / 3.95 = 9.316… → 9.31 m³ for 36.7745; 99.9745, up 99.98.
// A purchase of the next day is one of the new year, from its first unit: 100 / 2.63 = 38.022… → 38.02 m³
// for 99.9926, up 100.00. What is left of the old year's tier is not carried over.
func TestWorkedYearEnd(t *testing.T) {
	t.Parallel()
	tariff := steps()
	last := midnight(2027, 1, 1).Add(-1)
	if from, to := tariff.TierYear(last); !from.Equal(midnight(2026, 1, 1)) || !to.Equal(midnight(2027, 1, 1)) {
		t.Errorf("%s counts in %s to %s", last, from, to)
	}
	worked{10_000, vending.Usage{Used: 480_000}, 29_310, 2, []vending.Line{{Tier: 2, Units: 20_000, PriceFen: 316, Fen: 6_320},
		{Tier: 3, Units: 9_310, PriceFen: 395, Fen: 3_678}}}.check(t, tariff)
	worked{10_000, vending.Usage{}, 38_020, 0, []vending.Line{{Tier: 1, Units: 38_020, PriceFen: 263, Fen: 10_000}}}.check(t, tariff)
}

// A price change, 2.63 → 2.80. Bought were 76.04 m³ for 199.99 and then 38.02 m³ for 100.00; 50 m³ are
// consumed, first in first out, so 26.04 m³ of the first and 38.02 m³ of the second are left.
//
//	keep:   nothing moves; the 64.06 m³ are recognised at 2.63 when they are consumed
//	trueup: 64.06 m³ × 0.17 = 10.8902, rounded toward zero: the customer owes 10.89
//	a fall to 2.50: 64.06 m³ × 0.13 = 8.3278: 8.32 become the customer's advance
func TestWorkedPriceChange(t *testing.T) {
	t.Parallel()
	held := []vending.Held{{Tariff: gas, Credit: 76_040, Left: 26_040}, {Tariff: gas, Credit: 38_020, Left: 38_020}}
	for price, want := range map[int64]int64{280: 1089, 250: -832, 263: 0} {
		got, err := vending.TrueUpTo(from(midnight(2026, 4, 1), price), held)
		if err != nil || got.Fen != want || got.Units != 64_060 {
			t.Errorf("to %d: %+v, %v, want %d", price, got, err, want)
		}
	}
}

// A price change within tiers. 100 m³ were bought after 300: 50 m³ in the first tier and 50 m³ in the second; the
// last 60 m³ are left: 10 m³ of the first tier and 50 m³ of the second. The new list asks 2.80 up to 350 m³ and
// 3.30 up to 500 m³: 10 × 0.17 + 50 × 0.14 = 8.70.
func TestWorkedPriceChangeInTiers(t *testing.T) {
	t.Parallel()
	next := steps()
	next.From = midnight(2026, 4, 1)
	next.Tiers = []vending.Tier{{UpTo: 350_000, PriceFen: 280}, {UpTo: 500_000, PriceFen: 330}, {PriceFen: 395}}
	held := []vending.Held{{Tariff: steps(), Usage: vending.Usage{Used: 300_000}, Credit: 100_000, Left: 60_000}}
	if got, err := vending.TrueUpTo(next, held); err != nil || got.Fen != 870 {
		t.Errorf("%+v, %v, want 870", got, err)
	}
}
