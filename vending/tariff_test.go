package vending_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// mostOf is the largest price and step that Tariff.Valid and the schema allow.
const mostOf = 1_000_000

var gas = flat(263, 10)

// flat is a tariff of one price.
func flat(fen, step int64) vending.Tariff {
	return vending.Tariff{Code: "gas-residential", Class: vending.Residential, From: time.Date(2000, 1, 1, 0, 0, 0, 0, vending.Zone),
		Commodity: ledger.Litre, Tiers: onePrice(fen), Step: step, Counted: vending.OnPurchases, VATBp: vending.DefaultVATBp}
}

func onePrice(fen int64) []vending.Tier { return []vending.Tier{{PriceFen: fen}} }

func TestQuote(t *testing.T) {
	t.Parallel()
	got, err := gas.Quote(20000, vending.Usage{})
	want := vending.Quote{Money: 20000, Cost: 19999, Change: 1, Credit: ledger.Amount{N: 76040, Commodity: ledger.Litre}}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestQuoteRefuses(t *testing.T) {
	t.Parallel()
	for money, want := range map[int64]error{
		0: vending.ErrAmountInvalid, -1: vending.ErrAmountInvalid, math.MinInt64: vending.ErrAmountInvalid,
		2:                      vending.ErrAmountTooSmall, // 10 litres cost 2.63 fen
		vending.MaxSaleFen + 1: vending.ErrAmountTooLarge, math.MaxInt64: vending.ErrAmountTooLarge,
	} {
		if q, err := gas.Quote(money, vending.Usage{}); !errors.Is(err, want) || q != (vending.Quote{}) {
			t.Errorf("%d: %+v, %v, want %v", money, q, err, want)
		}
	}
	if _, err := gas.Quote(vending.MaxSaleFen, vending.Usage{}); err != nil {
		t.Error(err)
	}
}

func drawTariff(t *rapid.T) vending.Tariff {
	n := rapid.OneOf(rapid.Int64Range(1, mostOf), rapid.Int64Range(1, 100), rapid.SampledFrom([]int64{1, 10, 1000, mostOf - 1, mostOf}))
	tariff := flat(n.Draw(t, "price"), n.Draw(t, "step"))
	if err := tariff.Valid(); err != nil {
		t.Fatal(err)
	}
	return tariff
}

func drawMoney(t *rapid.T, label string) int64 {
	return rapid.OneOf(rapid.Int64Range(1, vending.MaxSaleFen), rapid.Int64Range(1, 1000), rapid.Just(int64(vending.MaxSaleFen))).Draw(t, label)
}

// bought is the credit of a quote, computed without a limit of bits.
func bought(tariff vending.Tariff, money int64) int64 {
	steps := new(big.Int).Mul(big.NewInt(money), big.NewInt(1000))
	steps.Quo(steps, new(big.Int).Mul(big.NewInt(tariff.Tiers[0].PriceFen), big.NewInt(tariff.Step)))
	return steps.Mul(steps, big.NewInt(tariff.Step)).Int64()
}

// A meter that takes whole steps of its own is sold whole steps of both; nothing is added to what the money buys.
func TestQuoteInAMetersSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ step, credit, change int64 }{
		{0, 76_040, 1}, {1, 76_040, 1}, {10, 76_040, 1}, {40, 76_040, 1}, {15, 76_020, 6}, {1_000, 76_000, 12}, {25_000, 75_000, 275},
	} {
		got, err := gas.InSteps(c.step).Quote(20_000, vending.Usage{})
		if err != nil || got.Credit.N != c.credit || got.Change != c.change || got.Cost+got.Change != got.Money {
			t.Errorf("%d: %+v, %v", c.step, got, err)
		}
	}
	if _, err := gas.InSteps(25_000).Quote(6574, vending.Usage{}); !errors.Is(err, vending.ErrAmountTooSmall) {
		t.Errorf("less than one step: %v", err)
	}
	if gas.Step != 10 {
		t.Error("the list itself has changed")
	}
}

func TestQuoteIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, money := drawTariff(t), drawMoney(t, "money")
		q, err := tariff.Quote(money, vending.Usage{})
		want := bought(tariff, money)
		if want == 0 {
			if !errors.Is(err, vending.ErrAmountTooSmall) {
				t.Fatalf("%+v, %v", q, err)
			}
			return
		}
		switch {
		case err != nil || q.Credit.N != want || q.Credit.Commodity != tariff.Commodity:
			t.Fatalf("%+v, %v, want %d", q, err, want)
		case q.Credit.N%tariff.Step != 0:
			t.Fatalf("%+v: not whole steps", q)
		case q.Money != money || q.Cost+q.Change != money || q.Cost <= 0 || q.Change < 0:
			t.Fatalf("%+v: does not add up", q)
		case q.Cost != tariff.Cost(q.Credit.N, vending.Usage{}):
			t.Fatalf("%+v: costs %d", q, tariff.Cost(q.Credit.N, vending.Usage{}))
		case tariff.Cost(q.Credit.N+tariff.Step, vending.Usage{}) <= money:
			t.Fatalf("%+v: one more step was paid for", q)
		}
	})
}

// Whoever buys in parts, the change of each part included in the next, never gets
// more than by buying at once.
func TestSplittingGainsNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff, money := drawTariff(t), drawMoney(t, "money")
		at, credit, left := int64(0), int64(0), money
		for range 5 {
			if left == 0 {
				break
			}
			part := rapid.Int64Range(1, left).Draw(t, "part")
			left -= part
			if q, err := tariff.Quote(min(part+at, vending.MaxSaleFen), vending.Usage{}); err == nil {
				at, credit = part+at-q.Cost, credit+q.Credit.N
			} else {
				at += part
			}
		}
		if once := bought(tariff, money); credit > once {
			t.Fatalf("%d in parts, %d at once", credit, once)
		}
	})
}

// The least that is named in a refusal is the least that is sold.
func TestLeastAmount(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tariff := drawTariff(t)
		least := tariff.Cost(tariff.Step, vending.Usage{})
		if least > vending.MaxSaleFen {
			return
		}
		if q, err := tariff.Quote(least, vending.Usage{}); err != nil || q.Credit.N < tariff.Step {
			t.Fatalf("%d buys %+v, %v", least, q, err)
		}
		if least > 1 {
			if q, err := tariff.Quote(least-1, vending.Usage{}); !errors.Is(err, vending.ErrAmountTooSmall) {
				t.Fatalf("%d buys %+v, %v", least-1, q, err)
			}
		}
	})
}

// Cost is a division rounded up, and the largest int64 where it does not fit.
func TestCostSaturates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64Min(1), rapid.Int64Range(1, 1e12), rapid.Just(int64(math.MaxInt64)))
		wantCost(t, n.Draw(t, "credit"), n.Draw(t, "price"))
	})
	// The quotient is the largest uint64, with a rest: rounding up must not start again at 0.
	wantCost(t, 9209557700304319329, 2003)
	wantCost(t, 40978103553416559, 450161)
	wantCost(t, math.MaxInt64, 1000)
	wantCost(t, math.MaxInt64, 999)
	wantCost(t, 1, 1)
	wantCost(t, 1000, 1)
	wantCost(t, 1001, 1)
	if got := gas.Cost(0, vending.Usage{}); got != 0 {
		t.Errorf("nothing costs %d", got)
	}
}

func wantCost(t interface{ Fatalf(string, ...any) }, credit, price int64) {
	want := new(big.Int).Mul(big.NewInt(credit), big.NewInt(price))
	want.Add(want, big.NewInt(999)).Quo(want, big.NewInt(1000))
	if !want.IsInt64() {
		want.SetInt64(math.MaxInt64)
	}
	if got := (vending.Tariff{Tiers: onePrice(price)}).Cost(credit, vending.Usage{}); got != want.Int64() {
		t.Fatalf("%d at %d: %d, want %d", credit, price, got, want)
	}
}

// The limits of a tariff keep a quote's arithmetic within 64 bits.
func TestTariffLimits(t *testing.T) {
	t.Parallel()
	for _, bad := range []vending.Tariff{
		flat(0, 1), flat(1, 0), flat(-1, 1), flat(1, -1), flat(mostOf+1, 1), flat(1, mostOf+1), flat(math.MaxInt64, math.MaxInt64),
	} {
		if err := bad.Valid(); !errors.Is(err, vending.ErrTariffInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if err := flat(mostOf, mostOf).Valid(); err != nil {
		t.Error(err)
	}
	if money := new(big.Int).Mul(big.NewInt(vending.MaxSaleFen), big.NewInt(1000)); !money.IsInt64() {
		t.Error("money in thousandths of a fen is beyond 64 bits")
	}
}
