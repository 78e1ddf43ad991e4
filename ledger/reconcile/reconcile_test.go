package reconcile_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger/reconcile"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ledger, observed, resolution int64
		agrees                       bool
	}{
		{76040, 76040, 0, true},
		{76040, 76041, 0, false},
		{76040, 76039, 1, false},
		{76049, 76040, 10, true},
		{76050, 76040, 10, false},
		{76039, 76040, 10, false},
		{-5, -5, 1, true},
		{math.MaxInt64, math.MaxInt64, 10, true},
		{0, math.MaxInt64, 10, false},
		{math.MaxInt64, math.MinInt64, 10, false},
		{math.MinInt64, math.MaxInt64, 10, false},
	} {
		line := reconcile.Line{Subject: "meter 1", What: "consumed", Observer: "card", Ledger: c.ledger, Observed: c.observed, Resolution: c.resolution}
		found := reconcile.Compare([]reconcile.Line{line})
		if (len(found) == 0) != c.agrees {
			t.Errorf("%+v: %v", line, found)
		}
	}
}

func TestDiscrepancySaysWhatDiffers(t *testing.T) {
	t.Parallel()
	found := reconcile.Compare([]reconcile.Line{
		{Subject: "meter 1", What: "consumed", Observer: "meter (wire)", Ledger: 1200, Observed: 1200},
		{Subject: "meter 1", What: "credit loaded", Observer: "meter (wire)", Ledger: 70, Observed: 50, Resolution: 10},
	})
	if len(found) != 1 || found[0].Difference != -20 {
		t.Fatal(found)
	}
	const want = "meter 1, credit loaded: meter (wire) says 50, the ledger 70, difference -20"
	if got := found[0].String(); got != want {
		t.Error(got)
	}
}

// A figure agrees exactly when the true value may be what the ledger says.
func TestCompareAgainstTruth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-30, 30), rapid.Int64Range(math.MaxInt64-30, math.MaxInt64))
		l := reconcile.Line{Ledger: n.Draw(t, "ledger"), Observed: n.Draw(t, "observed"), Resolution: rapid.Int64Range(1, 1000).Draw(t, "resolution"),
			Below: rapid.Int64Range(0, 20).Draw(t, "below")}
		beyond := new(big.Int).Add(big.NewInt(l.Observed), big.NewInt(l.Resolution))
		least := new(big.Int).Sub(big.NewInt(l.Observed), big.NewInt(l.Below))
		agrees := big.NewInt(l.Ledger).Cmp(least) >= 0 && big.NewInt(l.Ledger).Cmp(beyond) < 0
		if found := reconcile.Compare([]reconcile.Line{l}); (len(found) == 0) != agrees {
			t.Fatalf("%+v: %v", l, found)
		}
	})
}
