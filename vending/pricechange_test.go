package vending_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// Two versions, and back again: what is owed is given back, to the fen.
func TestTrueUpThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one, two := drawTiers(t), drawTiers(t)
		var there, back []vending.Held
		var units int64
		for range rapid.IntRange(0, 5).Draw(t, "lots") {
			h := vending.Held{Tariff: one, Usage: drawUsage(t), Credit: rapid.Int64Range(1, 2_000_000).Draw(t, "credit")}
			h.Left = rapid.Int64Range(0, h.Credit).Draw(t, "left")
			there, units = append(there, h), units+h.Left
			h.Tariff = two
			back = append(back, h)
		}
		up, err := vending.TrueUpTo(two, there)
		down, err2 := vending.TrueUpTo(one, back)
		if err != nil || err2 != nil || up.Units != units || up.Fen != -down.Fen {
			t.Fatalf("%+v %v, back %+v %v", up, err, down, err2)
		}
		if same, err := vending.TrueUpTo(one, there); err != nil || same.Fen != 0 {
			t.Fatalf("no change of price is %+v, %v", same, err)
		}
	})
}

// The difference is what the units would have cost, less what they did, and at most a fen of that is
// not claimed, by either side.
func TestTrueUpIsTheDifference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		one, two, u := drawTiers(t), drawTiers(t), drawUsage(t)
		credit := rapid.Int64Range(1, 2_000_000).Draw(t, "credit")
		got, err := vending.TrueUpTo(two, []vending.Held{{Tariff: one, Usage: u, Credit: credit, Left: credit}})
		if want := two.Cost(credit, u) - one.Cost(credit, u); err != nil || got.Fen < want-1 || got.Fen > want+1 {
			t.Fatalf("%+v, %v, want about %d", got, err, want)
		}
		exact := new(big.Int)
		for _, l := range got.Lines {
			exact.Add(exact, big.NewInt(l.Thousandths))
		}
		if exact.Quo(exact, big.NewInt(1000)).Int64() != got.Fen {
			t.Fatalf("%+v is not rounded toward zero", got)
		}
		if money := exact.Abs(exact).Int64(); money > max(two.Cost(credit, u), one.Cost(credit, u)) {
			t.Fatalf("%+v is more than the credit is worth", got)
		}
	})
}

func TestTrueUpMoves(t *testing.T) {
	t.Parallel()
	id, no := uuid.New(), int64(1001)
	if got := (vending.TrueUp{}).Transfers(no, "1", id, midnight(2026, 4, 1)); got != nil {
		t.Error(got)
	}
	for fen, want := range map[int64][2]ledger.Account{
		17:  {ledger.Debt(no), ledger.Prepaid(no)},
		-17: {ledger.Prepaid(no), ledger.Advance(no)},
	} {
		got := vending.TrueUp{Fen: fen}.Transfers(no, "1", id, midnight(2026, 4, 1))
		if len(got) != 1 || got[0].Debit != want[0] || got[0].Credit != want[1] || got[0].Amount != ledger.Fen(17) || got[0].Cause != id {
			t.Errorf("%d: %+v", fen, got)
		}
	}
	if one, two := vending.CustomerChange(id, 1), vending.CustomerChange(id, 2); one == two || one != vending.CustomerChange(id, 1) {
		t.Error("ids of two customers of a change are", one, two)
	}
}

func TestTrueUpRefusesWhatCannotBeWritten(t *testing.T) {
	t.Parallel()
	huge := vending.Held{Tariff: flat(1, 1), Credit: math.MaxInt64, Left: math.MaxInt64}
	if got, err := vending.TrueUpTo(flat(mostOf, 1), []vending.Held{huge}); !errors.Is(err, vending.ErrAmountTooLarge) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := vending.TrueUpTo(flat(2, 1), []vending.Held{huge, huge}); !errors.Is(err, vending.ErrAmountTooLarge) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := vending.ParsePolicy("sometimes"); !errors.Is(err, vending.ErrPolicyUnknown) {
		t.Error(err)
	}
}

// By hand: 1000, 300 and 200 units were bought, the last at the new price; 900 are left. They are the 200,
// the 300, and the last 400 of the 1000; the new ones change nothing. What no purchase explains stands at the first
// tier before.
func TestWhatIsLeft(t *testing.T) {
	t.Parallel()
	before, next := from(midnight(2026, 1, 1), 263), from(midnight(2026, 4, 1), 280)
	bought := []vending.Held{{Tariff: next, Credit: 200}, {Tariff: before, Credit: 300}, {Tariff: before, Credit: 1000}}
	for outstanding, want := range map[int64][]int64{
		0: nil, -5: nil, 200: nil, 201: {1}, 900: {300, 400}, 1500: {300, 1000}, 1600: {300, 1000, 100},
	} {
		var left []int64
		for _, h := range vending.HeldBefore(before, next, outstanding, bought) {
			left = append(left, h.Left)
			if h.Tariff.Code != before.Code || !h.Tariff.From.Equal(before.From) || h.Left > h.Credit {
				t.Errorf("%d: %+v", outstanding, h)
			}
		}
		if !slices.Equal(left, want) {
			t.Errorf("%d outstanding: %v, want %v", outstanding, left, want)
		}
	}
	change := vending.PriceChange{Tariff: "x", From: next.From}
	if b, n, err := change.Between(vending.Versions{before, next}); err != nil || !b.From.Equal(before.From) || !n.From.Equal(next.From) {
		t.Error(b, n, err)
	}
	for _, v := range []vending.Versions{nil, {next}, {before}} {
		if _, _, err := change.Between(v); !errors.Is(err, vending.ErrNoChange) {
			t.Error(err)
		}
	}
}
