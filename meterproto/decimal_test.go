package meterproto_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
)

func TestDecimalReadsAsWritten(t *testing.T) {
	for want, d := range map[string]meterproto.Decimal{
		"12.34": {Digits: 1234, Scale: -2}, "12.30": {Digits: 1230, Scale: -2}, "-0.05": {Digits: -5, Scale: -2},
		"4500": {Digits: 45, Scale: 2}, "0": {Scale: 3}, "0.00": {Scale: -2}, "-0.5": {Digits: -5, Scale: -1},
		"-9223372036854775808": {Digits: math.MinInt64},
	} {
		if got := d.String(); got != want {
			t.Errorf("%d × 10^%d: %q, want %q", d.Digits, d.Scale, got, want)
		}
	}
}

func TestDecimalIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := meterproto.Decimal{Digits: rapid.Int64().Draw(t, "digits"), Scale: rapid.Int8Range(-30, 30).Draw(t, "scale")}
		exact := value(d)
		if said, ok := new(big.Rat).SetString(d.String()); !ok || said.Cmp(exact) != 0 {
			t.Fatalf("%v is not %v", d, exact)
		}
		scale := rapid.Int8Range(-12, 12).Draw(t, "in")
		n, step, ok := d.In(scale)
		if !ok {
			return
		}
		off := new(big.Rat).Sub(exact, value(meterproto.Decimal{Digits: n, Scale: scale}))
		if unit := value(meterproto.Decimal{Digits: step, Scale: scale}); off.Abs(off).Cmp(unit) >= 0 {
			t.Fatalf("%v in 10^%d: %d is off by %v, step %d", d, scale, n, off, step)
		}
	})
}

func TestDecimalInRefusesWhatDoesNotFit(t *testing.T) {
	if _, _, ok := (meterproto.Decimal{Digits: math.MaxInt64, Scale: 1}).In(0); ok {
		t.Error("a number beyond int64 was taken")
	}
	n, step, ok := meterproto.Decimal{Digits: 1234, Scale: -2}.In(-3)
	if n != 12340 || step != 10 || !ok {
		t.Errorf("12.34 m³ is %d L, step %d, %v", n, step, ok)
	}
}

func TestShortestOfAFloat(t *testing.T) {
	for _, c := range []struct {
		v    float64
		bits int
		want string
		ok   bool
	}{
		{float64(float32(0.1)), 32, "0.1", true}, {-12.5, 64, "-12.5", true}, {0, 32, "0", true}, {1e21, 64, "1000000000000000000000", true},
		{math.NaN(), 32, "0", false}, {math.Inf(-1), 64, "0", false}, {1e300, 64, "0", false}, {1e-300, 64, "0", false},
	} {
		if d, ok := meterproto.Shortest(c.v, c.bits); ok != c.ok || d.String() != c.want {
			t.Errorf("%v of %d bits is %v, %v", c.v, c.bits, d, ok)
		}
	}
}

func value(d meterproto.Decimal) *big.Rat {
	pow := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.Scale, -d.Scale))), nil)
	r := new(big.Rat).SetInt64(d.Digits)
	if d.Scale < 0 {
		return r.Quo(r, new(big.Rat).SetInt(pow))
	}
	return r.Mul(r, new(big.Rat).SetInt(pow))
}

// A number that happens to be round is written to the scale that its device counts in, and stays the same number.
func TestToWritesTheNoughtsOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := meterproto.Decimal{Digits: rapid.Int64().Draw(t, "digits"), Scale: rapid.Int8Range(-20, 20).Draw(t, "scale")}
		scale := rapid.Int8Range(-20, 20).Draw(t, "to")
		got := d.To(scale)
		if value(got).Cmp(value(d)) != 0 || got.Scale > d.Scale {
			t.Fatalf("%v became %v", d, got)
		}
		if _, step, ok := got.In(scale); ok && step != 1 {
			t.Fatalf("%v to 10^%d claims a step of %d", d, scale, step)
		}
	})
	if n, step, ok := (meterproto.Decimal{Digits: 2, Scale: 3}).To(0).In(-3); n != 2_000_000 || step != 1000 || !ok {
		t.Errorf("2000 m³ is %d L, step %d, %v", n, step, ok)
	}
	if _, step, _ := (meterproto.Decimal{Scale: 3}).To(0).In(-3); step != 1000 {
		t.Errorf("nought has a step of %d", step)
	}
}
