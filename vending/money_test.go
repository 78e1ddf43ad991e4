package vending_test

import (
	"errors"
	"math"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

func TestParseYuan(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]int64{
		"200": 20000, "200.00": 20000, "200.5": 20050, "0.01": 1, "0": 0, "007": 700, "100000.00": vending.MaxSaleFen,
		"92233720368547758.07": math.MaxInt64,
	} {
		if got, err := vending.ParseYuan(s); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", ".", ".5", "5.", "1.005", "0.001", "1.2.3", "-1", "+1", "-0.01", " 1", "1 ", "1,000", "1e3", "0x10", "1_000",
		"２００", "٢٠٠", "贰佰", "¥5", "5元", "NaN", "Inf", "1.-1", "1.+1", "1. 1", "\x00", "1\n"} {
		if got, err := vending.ParseYuan(s); !errors.Is(err, vending.ErrAmountInvalid) {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
	for _, s := range []string{"92233720368547758.08", "92233720368547759", "99999999999999999999", strings.Repeat("9", 1000)} {
		if got, err := vending.ParseYuan(s); !errors.Is(err, vending.ErrAmountTooLarge) {
			t.Errorf("%q: %d, %v", s, got, err)
		}
	}
}

var yuanSyntax = regexp.MustCompile(`\A[0-9]+(\.[0-9]{1,2})?\z`)

// Against rational numbers: what reads as an amount is exactly that many fen, and
// nothing else is read.
func FuzzParseYuan(f *testing.F) {
	for _, s := range []string{"200", "200.00", "1.005", "-1", "1e3", "２００", "92233720368547758.07", "92233720368547758.08", ".", "", "0.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := vending.ParseYuan(s)
		if !yuanSyntax.MatchString(s) {
			if !errors.Is(err, vending.ErrAmountInvalid) {
				t.Fatalf("%q: %d, %v", s, got, err)
			}
			return
		}
		yuan, _ := new(big.Rat).SetString(s)
		fen := yuan.Mul(yuan, big.NewRat(100, 1)).Num()
		switch {
		case !fen.IsInt64():
			if !errors.Is(err, vending.ErrAmountTooLarge) {
				t.Fatalf("%q: %d, %v", s, got, err)
			}
		case err != nil || got != fen.Int64():
			t.Fatalf("%q: %d, %v, want %v", s, got, err, fen)
		}
	})
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for fen, want := range map[int64]string{0: "0.00", 1: "0.01", -1: "-0.01", 20000: "200.00", -20050: "-200.50",
		math.MaxInt64: "92233720368547758.07", math.MinInt64: "-92233720368547758.08"} {
		if got := vending.FormatYuan(fen); got != want {
			t.Errorf("%d: %s, want %s", fen, got, want)
		}
	}
	for n, want := range map[int64]string{76040: "76.040", -5: "-0.005", 0: "0.000"} {
		if got := vending.FormatThousandths(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	for a, want := range map[ledger.Amount]string{
		ledger.Fen(20000): "200.00 CNY", {N: 76040, Commodity: ledger.Litre}: "76.040 m³", {N: 1500, Commodity: ledger.WattHour}: "1.500 kWh",
	} {
		if got := vending.FormatAmount(a); got != want {
			t.Errorf("%v: %s, want %s", a, got, want)
		}
	}
}

func TestFormatYuanReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		fen := rapid.Int64Min(0).Draw(t, "fen")
		if back, err := vending.ParseYuan(vending.FormatYuan(fen)); err != nil || back != fen {
			t.Fatalf("%s: %d, %v", vending.FormatYuan(fen), back, err)
		}
	})
}
