package cjt188

import (
	"errors"
	"fmt"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
)

// Credit is what a prepaid meter counts, and what the last of the eight digits of an
// amount stands for. The amounts of DI 8105 and A013 have no unit byte: the
// standard prints them in yuan, and meters that count volume or energy use the
// same field for that (uncertain: no capture is known, §8 item 9). So the caller says
// which it is; the zero Credit is refused, nothing is guessed.
type Credit byte

// The credits.
const (
	CreditMoney       Credit = iota + 1 // XXXXXX.XX yuan: the last digit is a fen
	CreditVolume                        // XXXXXX.XX m³: 10 litres
	CreditEnergy10Wh                    // XXXXXX.XX kWh: 10 Wh
	CreditEnergyKWh                     // XXXXXXXX kWh
	CreditEnergy10kWh                   // XXXXXX.XX MWh: 10 kWh
	CreditEnergyGJ                      // XXXXXX.XX GJ: 9 of the last digit are 25 kWh
)

// Why amounts are none.
var (
	ErrCreditUnknown   = fmt.Errorf("say what the meter counts: %s", strings.Join(CreditNames(), ", "))
	ErrCreditNoVolume  = errors.New("the meter does not count volume: its purchases are no volumes")
	errCreditCannotSay = errors.New("the meter cannot count that amount")
)

// scale is what an amount means: digits of its last digit are units of unit, exactly,
// and no fewer of them are whole. As a register it is the last digit × 10^shift of base.
type scale struct {
	name          string
	unit          meterproto.CreditUnit
	units, digits int64
	kind          meterproto.Kind
	base          meterproto.Unit
	shift         int8
}

var creditScales = [...]scale{
	CreditMoney:       {"money", meterproto.CreditFen, 1, 1, meterproto.OfMoney, meterproto.Currency, -2},
	CreditVolume:      {"volume", meterproto.CreditLitres, 10, 1, meterproto.OfVolume, meterproto.CubicMetre, -2},
	CreditEnergy10Wh:  {"energy-10wh", meterproto.CreditWattHours, 10, 1, meterproto.OfEnergy, meterproto.WattHour, 1},
	CreditEnergyKWh:   {"energy-kwh", meterproto.CreditWattHours, 1_000, 1, meterproto.OfEnergy, meterproto.WattHour, 3},
	CreditEnergy10kWh: {"energy-10kwh", meterproto.CreditWattHours, 10_000, 1, meterproto.OfEnergy, meterproto.WattHour, 4},
	// 10 MJ are 2777.7… Wh.
	CreditEnergyGJ: {"energy-gj", meterproto.CreditWattHours, 25_000, 9, meterproto.OfEnergy, meterproto.Joule, 7},
}

// CreditNames are the names of the credits, as options have them.
func CreditNames() (names []string) {
	for _, s := range creditScales[CreditMoney:] {
		names = append(names, s.name)
	}
	return names
}

// none is the name of the zero Credit: nothing is sold.
const none = "none"

// CreditOf is the credit of that name: "none" is the zero Credit, and where nobody gave a name it is usual. It fails with
// ErrCreditUnknown.
func CreditOf(name string, usual Credit) (Credit, error) {
	switch name {
	case "":
		return usual, nil
	case none:
		return 0, nil
	}
	for c, s := range creditScales {
		if s.name == name {
			return Credit(c), nil
		}
	}
	return 0, fmt.Errorf("credit %q: %w; or %s", name, ErrCreditUnknown, none)
}

// String is the credit's name; "none" where nobody said.
func (c Credit) String() string {
	if !c.Known() {
		return none
	}
	return creditScales[c].name
}

// Known reports whether somebody has said what the meter counts.
func (c Credit) Known() bool { return c > 0 && int(c) < len(creditScales) }

// Unit is what orders are in; zero where nobody has said.
func (c Credit) Unit() meterproto.CreditUnit {
	if !c.Known() {
		return 0
	}
	return creditScales[c].unit
}

// Step is the smallest order in Unit; others are multiples of it.
func (c Credit) Step() int64 {
	if !c.Known() {
		return 0
	}
	return creditScales[c].units
}

// Amount is what digits stand for. Where their last one is no whole number of the unit,
// what is less than one is cut off, and the true value lies within the Resolution.
func (c Credit) Amount(d Digits) meterproto.Credit {
	if !c.Known() {
		return meterproto.Credit{}
	}
	s := creditScales[c]
	return meterproto.Credit{N: int64(d.Hundredths) * s.units / s.digits, Unit: s.unit, Resolution: (s.units + s.digits - 1) / s.digits, Valid: d.Valid}
}

// mostDigits is the largest amount: 99999999 is no value.
const mostDigits = 99_999_998

// Digits is an amount as an order has it. It fails where the meter counts something else, or the amount is
// no whole number of its steps, nothing, or more than eight digits hold.
func (c Credit) Digits(amount int64, unit meterproto.CreditUnit) (Digits, error) {
	if !c.Known() {
		return Digits{}, ErrCreditUnknown
	}
	s := creditScales[c]
	most := mostDigits / s.digits
	switch {
	case unit != s.unit:
		return Digits{}, fmt.Errorf("%w: %v, it counts %v", errCreditCannotSay, unit, s.unit)
	case amount <= 0 || amount/s.units > most:
		return Digits{}, fmt.Errorf("%w: %d %v, want %d to %d", errCreditCannotSay, amount, unit, s.units, most*s.units)
	case amount%s.units != 0:
		return Digits{}, fmt.Errorf("%w: %d %v, it takes multiples of %d", errCreditCannotSay, amount, unit, s.units)
	}
	return Digits{Hundredths: uint32(amount / s.units * s.digits), Valid: true}, nil
}

// register is an amount as a register has it.
func (c Credit) register(d meterproto.Decimal) (kind meterproto.Kind, unit meterproto.Unit, value meterproto.Decimal) {
	s := creditScales[c]
	return s.kind, s.base, meterproto.Decimal{Digits: d.Digits, Scale: s.shift}
}
