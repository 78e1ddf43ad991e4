package ledger_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
)

func drawAmount(t *rapid.T, label string) ledger.Amount {
	n := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64}))
	c := rapid.SampledFrom([]ledger.Commodity{ledger.CNY, ledger.Litre})
	return ledger.Amount{N: n.Draw(t, label), Commodity: c.Draw(t, label+" commodity")}
}

// Against numbers without a limit: every sum is right or refused, and nothing
// that fits is refused (but for a subtracted MinInt64, which has no negative).
func TestAmountsAddAsNumbersDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawAmount(t, "a"), drawAmount(t, "b")
		sum, err := a.Add(b)
		check(t, a, b, sum, err, new(big.Int).Add(big.NewInt(a.N), big.NewInt(b.N)))
		if b.N == math.MinInt64 {
			if _, err := a.Sub(b); err == nil {
				t.Fatalf("%v - %v was not refused", a, b)
			}
			return
		}
		difference, err := a.Sub(b)
		check(t, a, b, difference, err, new(big.Int).Sub(big.NewInt(a.N), big.NewInt(b.N)))
	})
}

func check(t *rapid.T, a, b, got ledger.Amount, err error, want *big.Int) {
	switch {
	case a.Commodity != b.Commodity:
		if !errors.Is(err, ledger.ErrCommodity) {
			t.Fatalf("%v and %v: %v", a, b, err)
		}
	case !want.IsInt64():
		if !errors.Is(err, ledger.ErrOverflow) {
			t.Fatalf("%v and %v: got %v, %v", a, b, got, err)
		}
	case err != nil || got != (ledger.Amount{N: want.Int64(), Commodity: a.Commodity}):
		t.Fatalf("%v and %v: got %v, %v, want %v", a, b, got, err, want)
	}
}

func TestAmountString(t *testing.T) {
	t.Parallel()
	if got := ledger.Fen(-20000).String(); got != "-20000 CNY" {
		t.Error(got)
	}
}
