package vending_test

import (
	"errors"
	"math"
	"math/big"
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
