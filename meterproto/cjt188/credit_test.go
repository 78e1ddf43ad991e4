package cjt188_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// lastDigits are what the last digit of an amount is, in the unit of orders: 3600 J are a watt-hour.
func lastDigits() map[cjt188.Credit]*big.Rat {
	return map[cjt188.Credit]*big.Rat{
		cjt188.CreditMoney:       big.NewRat(1, 1),
		cjt188.CreditVolume:      big.NewRat(1000, 100),
		cjt188.CreditEnergy10Wh:  big.NewRat(1000, 100),
		cjt188.CreditEnergyKWh:   big.NewRat(1000, 1),
		cjt188.CreditEnergy10kWh: big.NewRat(1_000_000, 100),
		cjt188.CreditEnergyGJ:    big.NewRat(1_000_000_000/100, 3600),
	}
}

// What is ordered is what the digits are, exactly, and what is shown is what they are, cut down to the unit.
func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	if n := len(cjt188.CreditNames()); n != len(lastDigits()) {
		t.Fatalf("%d credits", n)
	}
	for c, last := range lastDigits() {
		rapid.Check(t, func(t *rapid.T) {
			orders := int64(99_999_998)
			if !last.IsInt() {
				orders /= last.Denom().Int64()
			}
			amount := c.Step() * rapid.Int64Range(1, orders).Draw(t, "steps")
			d, err := c.Digits(amount, c.Unit())
			if err != nil {
				t.Fatalf("%v: %v", c, err)
			}
			exact := new(big.Rat).Mul(last, big.NewRat(int64(d.Hundredths), 1))
			if exact.Cmp(big.NewRat(amount, 1)) != 0 {
				t.Fatalf("%v: %d became %v", c, amount, exact)
			}
			if back := c.Amount(d); back.N != amount || !back.Valid || back.Unit != c.Unit() {
				t.Fatalf("%v: %d came back as %+v", c, amount, back)
			}
			shown := c.Amount(cjt188.Digits{Hundredths: uint32(rapid.IntRange(0, 99_999_998).Draw(t, "shown")), Valid: true})
			if low, high := new(big.Rat).SetInt64(shown.N), new(big.Rat).SetInt64(shown.N+shown.Resolution); high.Sub(high, low).Cmp(last) < 0 {
				t.Fatalf("%v: within %d, the last digit is %v", c, shown.Resolution, last)
			}
		})
	}
}

func TestAmountsThatAMeterCannotCount(t *testing.T) {
	t.Parallel()
	const wh = meterproto.CreditWattHours
	for name, c := range map[string]struct {
		credit cjt188.Credit
		amount int64
		unit   meterproto.CreditUnit
		want   string
	}{
		"part of 10 Wh":     {cjt188.CreditEnergy10Wh, 1_005, wh, "multiples of 10"},
		"part of a kWh":     {cjt188.CreditEnergyKWh, 1_500, wh, "multiples of 1000"},
		"part of 10 kWh":    {cjt188.CreditEnergy10kWh, 15_000, wh, "multiples of 10000"},
		"a hundredth of GJ": {cjt188.CreditEnergyGJ, 27_780, wh, "multiples of 25000"},
		"nothing":           {cjt188.CreditEnergyKWh, 0, wh, "want 1000 to 99999998000"},
		"less":              {cjt188.CreditEnergyKWh, -1_000, wh, "want 1000"},
		"no value":          {cjt188.CreditEnergyKWh, 99_999_999_000, wh, "want 1000"},
		"litres":            {cjt188.CreditEnergyKWh, 1_000, meterproto.CreditLitres, "it counts Wh"},
		"nobody said":       {0, 1_000, wh, "say what the meter counts: money, volume, energy-10wh, energy-kwh, energy-10kwh, energy-gj"},
		"unknown":           {99, 1_000, wh, "say what the meter counts"},
	} {
		if d, err := c.credit.Digits(c.amount, c.unit); err == nil || !strings.Contains(err.Error(), c.want) || d.Valid {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if a := cjt188.Credit(99).Amount(cjt188.Digits{Hundredths: 5, Valid: true}); a.Valid || a.N != 0 {
		t.Errorf("%+v", a)
	}
	if a := cjt188.CreditEnergyKWh.Amount(cjt188.Digits{}); a.Valid {
		t.Errorf("no value became %+v", a)
	}
}

func TestCreditNames(t *testing.T) {
	t.Parallel()
	for _, name := range append(cjt188.CreditNames(), "none") {
		if c, err := cjt188.CreditOf(name, 99); err != nil || c.String() != name || c.Known() != (name != "none") {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
	if c, err := cjt188.CreditOf("", cjt188.CreditVolume); err != nil || c != cjt188.CreditVolume {
		t.Errorf("nobody said: %v, %v", c, err)
	}
	for _, name := range []string{"energy", "Volume", " "} {
		if c, err := cjt188.CreditOf(name, cjt188.CreditVolume); !errors.Is(err, cjt188.ErrCreditUnknown) || c != 0 {
			t.Errorf("%q: %v, %v", name, c, err)
		}
	}
}
