package vending_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

// drawTiers draws a valid tariff of one to five tiers, with an allowance.
func drawTiers(t *rapid.T) vending.Tariff {
	tariff := flat(1, rapid.SampledFrom([]int64{1, 10, 100, 1000}).Draw(t, "step"))
	prices := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(1, 1000), rapid.Int64Range(1, mostOf)), 1, 5).Draw(t, "prices")
	slices.Sort(prices)
	tariff.Tiers = nil
	end := int64(0)
	for i, price := range prices {
		end += rapid.OneOf(rapid.Int64Range(1, 500), rapid.Int64Range(1, 1_000_000)).Draw(t, "width")
		tier := vending.Tier{UpTo: end, PriceFen: price}
		if i == len(prices)-1 {
			tier.UpTo = 0
		}
		tariff.Tiers = append(tariff.Tiers, tier)
	}
	if rapid.Bool().Draw(t, "allowance") {
		tariff.Allowance = vending.Allowance{Above: rapid.IntRange(1, 6).Draw(t, "above"), Units: rapid.Int64Range(0, 10_000).Draw(t, "each")}
	}
	if err := tariff.Valid(); err != nil {
		t.Fatal(err)
	}
	return tariff
}

func drawUsage(t *rapid.T) vending.Usage {
	return vending.Usage{Used: rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(0, 2000), rapid.Int64Range(0, 5_000_000)).Draw(t, "used"),
		Persons: rapid.IntRange(0, 12).Draw(t, "persons"), Months: rapid.IntRange(0, 12).Draw(t, "months")}
}

// naive is a cost, summed over the bounds without a limit of bits.
func naive(tariff vending.Tariff, credit int64, u vending.Usage) *big.Int {
	sum, at, end := new(big.Int), u.Used, u.Used+credit
	for _, tier := range tariff.Tiers {
		bound := int64(math.MaxInt64)
		if tier.UpTo > 0 {
			bound = tier.UpTo + int64(max(0, u.Persons-tariff.Allowance.Above))*tariff.Allowance.Units
			if u.Months > 0 {
				bound = bound * int64(u.Months) / 12
			}
		}
		if to := min(bound, end); to > at {
			sum.Add(sum, new(big.Int).Mul(big.NewInt(to-at), big.NewInt(tier.PriceFen)))
			at = to
		}
	}
	return sum.Add(sum, big.NewInt(999)).Quo(sum, big.NewInt(1000))
}

func TestTiersCostWhatTheirUnitsCost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u := drawTiers(t), drawUsage(t)
		credit := rapid.OneOf(rapid.Int64Range(1, 3000), rapid.Int64Range(1, 1e15)).Draw(t, "credit")
		if got, want := tariff.Cost(credit, u), naive(tariff, credit, u); !want.IsInt64() || got != want.Int64() {
			t.Fatalf("%d units cost %d, want %s", credit, got, want)
		}
	})
}

// Money buys the most steps that it pays for, and the quote adds up.
func TestTiersSellAllThatTheMoneyBuys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u, money := drawTiers(t), drawUsage(t), drawMoney(t, "money")
		q, err := tariff.Quote(money, u)
		if errors.Is(err, vending.ErrAmountTooSmall) {
			if tariff.Cost(tariff.Step, u) <= money {
				t.Fatalf("%d buys a step", money)
			}
			return
		}
		switch {
		case err != nil || q.Credit.N <= 0 || q.Credit.N%tariff.Step != 0:
			t.Fatalf("%+v, %v", q, err)
		case q.Money != money || q.Cost+q.Change != money || q.Change < 0 || q.Cost != tariff.Cost(q.Credit.N, u):
			t.Fatalf("%+v does not add up", q)
		case tariff.Cost(q.Credit.N+tariff.Step, u) <= money:
			t.Fatalf("%+v: one more step was paid for", q)
		}
	})
}

// Asked by money and then by the volume that it bought, nobody gains a fen; asked by volume
// and then by its money, nobody gets less.
func TestMoneyAndVolumeAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u := drawTiers(t), drawUsage(t)
		if q, err := tariff.Quote(drawMoney(t, "money"), u); err == nil {
			if back, err := tariff.QuoteCredit(q.Credit.N, u); err != nil || back.Credit != q.Credit || back.Money != q.Cost || back.Change != 0 {
				t.Fatalf("%+v, by volume %+v, %v", q, back, err)
			}
		}
		units := rapid.Int64Range(1, 10_000_000).Draw(t, "units")
		q, err := tariff.QuoteCredit(units, u)
		if err != nil {
			if !errors.Is(err, vending.ErrAmountTooLarge) {
				t.Fatal(err)
			}
			return
		}
		back, err := tariff.Quote(q.Money, u)
		if q.Credit.N < units || q.Credit.N >= units+tariff.Step || err != nil || back.Credit.N < q.Credit.N || back.Cost > q.Cost {
			t.Fatalf("%+v, by money %+v, %v", q, back, err)
		}
	})
}

// Whoever buys in parts, each with the change of the last, never gets more and never pays less, as the
// units bought count against the tiers.
func TestSplittingOverTiersGainsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u, money := drawTiers(t), drawUsage(t), drawMoney(t, "money")
		once, _ := tariff.Quote(money, u)
		now, purse, left := u, int64(0), money
		for left > 0 {
			part := rapid.Int64Range((left+4)/5, left).Draw(t, "part")
			left, purse = left-part, purse+part
			if q, err := tariff.Quote(purse, now); err == nil {
				purse, now.Used = q.Change, now.Used+q.Credit.N
			}
		}
		if bought := now.Used - u.Used; bought > once.Credit.N {
			t.Fatalf("%d in parts, %d at once", bought, once.Credit.N)
		} else if tariff.Cost(bought, u) > money-purse {
			t.Fatalf("%d units for %d", bought, money-purse)
		}
	})
}

// More costs no less, with more used it costs no less, and in a larger household no more.
func TestCostIsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u := drawTiers(t), drawUsage(t)
		credit := rapid.Int64Range(0, 5_000_000).Draw(t, "credit")
		more := rapid.Int64Range(0, 5_000_000).Draw(t, "more")
		cost := tariff.Cost(credit, u)
		later, larger := u, u
		later.Used += more
		larger.Persons++
		if tariff.Cost(credit+more, u) < cost || tariff.Cost(credit, later) < cost || tariff.Cost(credit, larger) > cost {
			t.Fatalf("%d units for %d", credit, cost)
		}
	})
}

func TestLinesExplainTheCost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u := drawTiers(t), drawUsage(t)
		credit := rapid.OneOf(rapid.Int64Range(1, 3000), rapid.Int64Range(1, 1e12)).Draw(t, "credit")
		var units, fen int64
		last := 0
		for _, l := range tariff.Lines(credit, u) {
			rounded := l.Fen*1000 - l.Units*l.PriceFen
			if l.Tier <= last || l.Units <= 0 || l.PriceFen != tariff.Tiers[l.Tier-1].PriceFen || rounded <= -1000 || rounded >= 1000 {
				t.Fatalf("%+v", l)
			}
			last, units, fen = l.Tier, units+l.Units, fen+l.Fen
		}
		if units != credit || fen != tariff.Cost(credit, u) {
			t.Fatalf("lines have %d units for %d, want %d for %d", units, fen, credit, tariff.Cost(credit, u))
		}
	})
}

// Near the end of 64 bits a cost saturates, and is never negative.
func TestNothingOverflows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, u := drawTiers(t), drawUsage(t)
		huge := rapid.OneOf(rapid.Int64Min(math.MaxInt64-3000), rapid.Int64Min(1<<53)).Draw(t, "credit")
		u.Used = rapid.SampledFrom([]int64{0, 1, 1 << 61, 1 << 62}).Draw(t, "used")
		if u.Used == 0 {
			if got, want := tariff.Cost(huge, u), naive(tariff, huge, u); want.IsInt64() && got != want.Int64() || !want.IsInt64() && got != math.MaxInt64 {
				t.Fatalf("%d units cost %d, want %s", huge, got, want)
			}
		}
		if got := tariff.Cost(huge, u); got <= 0 {
			t.Fatal(got)
		}
		if q, err := tariff.QuoteCredit(huge, u); !errors.Is(err, vending.ErrAmountTooLarge) {
			t.Fatalf("%+v, %v", q, err)
		}
		if q, err := tariff.Quote(vending.MaxSaleFen, u); err == nil && (q.Credit.N <= 0 || q.Cost > vending.MaxSaleFen) {
			t.Fatalf("%+v", q)
		}
	})
}

func TestUsageIsChecked(t *testing.T) {
	t.Parallel()
	for _, bad := range []vending.Usage{{Used: -1}, {Used: math.MaxInt64}, {Persons: -1}, {Persons: math.MaxInt}, {Months: -1}, {Months: 13}} {
		if _, err := gas.Quote(100, bad); !errors.Is(err, vending.ErrUsageInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
		if _, err := gas.QuoteCredit(100, bad); !errors.Is(err, vending.ErrUsageInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	for _, units := range []int64{0, -1, math.MinInt64} {
		if _, err := gas.QuoteCredit(units, vending.Usage{}); !errors.Is(err, vending.ErrCreditInvalid) {
			t.Errorf("%d: %v", units, err)
		}
	}
}
