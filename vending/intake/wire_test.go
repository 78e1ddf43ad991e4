package intake_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

const number = "10000000000001"

func volume(litres, resolution int64) meterproto.Volume {
	return meterproto.Volume{Litres: litres, Resolution: resolution, Valid: true}
}

func credit(n, resolution int64, unit meterproto.CreditUnit) meterproto.Credit {
	return meterproto.Credit{N: n, Unit: unit, Resolution: resolution, Valid: true}
}

func reading() meterproto.Reading {
	open := true
	return meterproto.Reading{Meter: number, Time: noon, Consumed: volume(1200, 1), ValveOpen: &open, BatteryLow: true}
}

func taken() meterproto.Taken {
	const l = meterproto.CreditLitres
	return meterproto.Taken{Meter: number, Count: 1, Modulus: 256, Last: credit(76040, 10, l), Total: credit(76040, 10, l), Remaining: credit(74840, 10, l)}
}

// knownOf is what the books have of a meter that counts something.
func knownOf(c ledger.Commodity) store.Statement {
	return store.Statement{Customer: 1001, Meter: vending.Meter{No: number, Commodity: c}}
}

func TestFromWire(t *testing.T) {
	t.Parallel()
	got, err := intake.FromWire(knownOf(ledger.Litre), reading(), taken(), false)
	want := vending.Report{Customer: 1001, Meter: number, Source: vending.OverWire, MeterTime: noon, Loaded: 76040, Remaining: 74840,
		Consumed: 1200, Resolution: 10, ValveOpen: true, BatteryLow: true, Count: 1}
	if err != nil || got != want {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

// Zero is a value; "no value" is none.
func TestFromWireTakesZero(t *testing.T) {
	t.Parallel()
	r, none := reading(), credit(0, 0, meterproto.CreditLitres)
	r.Consumed = volume(0, 0)
	got, err := intake.FromWire(knownOf(ledger.Litre), r, meterproto.Taken{Total: none, Remaining: none}, false)
	if err != nil || got.Loaded != 0 || got.Consumed != 0 || got.Resolution != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A heat meter has burnt what its register of energy says now, over all tariffs; one that counts money what it has not left.
func TestFromWireInOtherUnits(t *testing.T) {
	t.Parallel()
	energy := func(digits int64, scale int8, unit meterproto.Unit) meterproto.Register {
		return meterproto.Register{Kind: meterproto.OfEnergy, Unit: unit, Value: meterproto.Decimal{Digits: digits, Scale: scale}}
	}
	old, tariff := energy(1, 3, meterproto.WattHour), energy(2, 3, meterproto.WattHour)
	old.Storage, tariff.Tariff = 1, 1
	r := reading()
	for _, c := range []struct {
		name             string
		counts           ledger.Commodity
		unit             meterproto.CreditUnit
		now              meterproto.Register
		consumed, within int64
	}{
		{"heat", ledger.WattHour, meterproto.CreditWattHours, energy(1234, 1, meterproto.WattHour), 12_340, 10},
		{"heat in GJ", ledger.WattHour, meterproto.CreditWattHours, energy(36, 6, meterproto.Joule), 10_000, 278},
		{"money", ledger.CNY, meterproto.CreditFen, old, 1200, 1},
	} {
		r.Registers = []meterproto.Register{old, tariff, c.now}
		said := meterproto.Taken{Total: credit(76040, 1, c.unit), Remaining: credit(74840, 1, c.unit)}
		got, err := intake.FromWire(knownOf(c.counts), r, said, false)
		if err != nil || got.Consumed != c.consumed || got.Resolution != c.within {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// Of a meter that is not prepaid the register is all; it moves no credit onto or off the meter but what was burnt.
func TestFromWireRegisterOnly(t *testing.T) {
	t.Parallel()
	got, err := intake.FromWire(knownOf(ledger.Litre), reading(), meterproto.Taken{}, false)
	want := vending.Report{Customer: 1001, Meter: number, Source: vending.RegisterOnly, MeterTime: noon, Consumed: 1200, Resolution: 1,
		ValveOpen: true, BatteryLow: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := intake.FromWire(knownOf(ledger.CNY), reading(), meterproto.Taken{}, false); !errors.Is(err, vending.ErrIncomplete) {
		t.Errorf("a register is no money: %v", err)
	}
}

// Registers that began again go on from what the books know, each by its own last digit; one whose last digit is no whole number does not.
func TestFromWireRolls(t *testing.T) {
	t.Parallel()
	known := knownOf(ledger.WattHour)
	known.Books.InMeter.N, known.Books.Consumed.N = 2_999_000_000, 999_000_000
	r := reading()
	for _, c := range []struct {
		name             string
		total            meterproto.Credit
		register         meterproto.Register
		loaded, consumed int64
	}{
		{"of one step", credit(10_000_000, 10, meterproto.CreditWattHours), wattHours(20, 1), 4_010_000_000, 1_000_000_200},
		{"of two", credit(3_998_010_000, 10_000, meterproto.CreditWattHours), wattHours(20, 1), 3_998_010_000, 1_000_000_200},
		{"in GJ", credit(2_778, 2778, meterproto.CreditWattHours), wattHours(20, 1), 2_778, 1_000_000_200},
	} {
		r.Registers = []meterproto.Register{c.register}
		said := meterproto.Taken{Total: c.total, Remaining: credit(5, 10, meterproto.CreditWattHours)}
		got, err := intake.FromWire(known, r, said, true)
		if err != nil || got.Loaded != c.loaded || got.Consumed != c.consumed || got.Remaining != 5 {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
		if got, err := intake.FromWire(known, r, said, false); err != nil || got.Loaded != c.total.N || got.Consumed != 200 {
			t.Errorf("%s, in a protocol whose registers do not: %+v, %v", c.name, got, err)
		}
	}
}

// A register that says its own width goes on by that, whatever its model; one that was reset below half of it shows as less, and
// one whose width nobody knows never goes on.
func TestFromWireRollsByTheWidthOfTheRegister(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                       string
		known, shown, width, wants int64
		rolls                      bool
	}{
		{"began again", 99_999_900, 100, 100_000_000, 100_000_100, false},
		{"a second time", 199_999_900, 100, 100_000_000, 200_000_100, false},
		{"goes on after that", 100_000_100, 250, 100_000_000, 100_000_250, false},
		{"its own width, not the model's", 999_900, 100, 1_000_000, 1_000_100, true},
		{"reset", 49_000_000, 100, 100_000_000, 100, false},
		{"no width", 99_999_900, 100, 0, 100, false},
	} {
		volumes, heat := knownOf(ledger.Litre), knownOf(ledger.WattHour)
		volumes.Books.Consumed.N, heat.Books.Consumed.N = c.known, c.known
		r := reading()
		r.Consumed.Litres, r.Consumed.Span = c.shown, c.width
		now := wattHours(c.shown, 0)
		now.Span = c.width
		r.Registers = []meterproto.Register{now}
		for _, known := range []store.Statement{volumes, heat} {
			got, err := intake.FromWire(known, r, meterproto.Taken{}, c.rolls)
			if err != nil || got.Consumed != c.wants {
				t.Errorf("%s, in %v: %+v, %v; want %d", c.name, known.Meter.Commodity, got, err, c.wants)
			}
		}
	}
}

// More left than taken is a total that began again where the register agrees, by the total's own span; else credit that it does not count.
func TestFromWireHasMoreLeftThanTaken(t *testing.T) {
	t.Parallel()
	const l, wh, fen = meterproto.CreditLitres, meterproto.CreditWattHours, meterproto.CreditFen
	for _, c := range []struct {
		name                     string
		counts                   ledger.Commodity
		given, burnt, offset     int64 // as the books have it
		total, left              meterproto.Credit
		register, loaded, expect int64 // litres or Wh; expect is what is burnt
	}{
		{"preset", ledger.Litre, 0, 0, 0, credit(0, 10, l), credit(20_000, 10, l), 0, 0, 0},
		{"preset, and sold to", ledger.Litre, 10_000, 0, 0, credit(10_000, 10, l), credit(29_990, 10, l), 10, 10_000, 10},
		{"preset, and taken over", ledger.Litre, 30_000, 0, 20_000, credit(10_000, 10, l), credit(29_990, 10, l), 10, 30_000, 10},
		{"began again", ledger.Litre, 0, 0, 0, credit(100, 10, l), credit(5_000, 10, l), 999_995_100, 1_000_000_100, 999_995_100},
		{"to a step", ledger.Litre, 0, 0, 0, credit(100, 10, l), credit(5_000, 10, l), 999_995_082, 1_000_000_100, 999_995_082},
		{"beyond a step", ledger.Litre, 0, 0, 0, credit(100, 10, l), credit(5_000, 10, l), 999_995_081, 100, 999_995_081},
		{"burnt what it has not taken", ledger.Litre, 0, 0, 0, credit(100, 10, l), credit(5_000, 10, l), 999_995_101, 100, 999_995_101},
		{"by the span of its total", ledger.WattHour, 0, 0, 0, credit(100, 1, wh), credit(5_000, 10, wh), 99_995_100, 100_000_100, 99_995_100},
		{"in GJ", ledger.WattHour, 0, 0, 0, credit(2_778, 2_778, wh), credit(5_000, 10, wh), 99_995_100, 2_778, 99_995_100},
		{"money, preset", ledger.CNY, 0, 0, 0, credit(0, 1, fen), credit(1_000, 1, fen), 0, 0, 0},
		{"money, preset and taken over", ledger.CNY, 3_000, 0, 1_000, credit(2_000, 1, fen), credit(2_900, 1, fen), 0, 3_000, 100},
		{"money, unknown", ledger.CNY, 0, 0, 0, credit(100, 1, fen), credit(60_000_000, 1, fen), 0, 100, 0},
		{"money, began again", ledger.CNY, 99_999_000, 99_000_000, 0, credit(100, 1, fen), credit(5_000, 1, fen), 0, 100_000_100, 99_995_100},
	} {
		known, r := knownOf(c.counts), reading()
		known.Books.InMeter.N, known.Books.Consumed.N, known.Offset = c.given-c.burnt, c.burnt, c.offset
		r.Consumed, r.Registers = volume(c.register, 10), []meterproto.Register{wattHours(c.register, 0)}
		got, err := intake.FromWire(known, r, meterproto.Taken{Total: c.total, Remaining: c.left}, true)
		if err != nil || got.Loaded != c.loaded || got.Consumed != c.expect || got.Remaining != c.left.N {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// wattHours is a register of energy.
func wattHours(digits int64, scale int8) meterproto.Register {
	return meterproto.Register{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Value: meterproto.Decimal{Digits: digits, Scale: scale}}
}

// The count goes on from the one that is known, where the meter shows a part of it.
func TestFromWireCounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ known, shown, modulus, want uint32 }{
		{0, 0, 256, 0}, {255, 255, 256, 255}, {255, 0, 256, 256}, {256, 255, 256, 255}, {700, 189, 256, 701}, {700, 189, 0, 189},
	} {
		known, said := knownOf(ledger.Litre), taken()
		known.Count, said.Count, said.Modulus = c.known, c.shown, c.modulus
		if got, err := intake.FromWire(known, reading(), said, false); err != nil || got.Count != c.want {
			t.Errorf("%+v: %d, %v", c, got.Count, err)
		}
	}
}

// A part that is missing, invalid or in another unit is never taken for a number: there is no report.
func TestFromWireRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*meterproto.Reading, *meterproto.Taken){
		"no register":      func(r *meterproto.Reading, _ *meterproto.Taken) { r.Consumed = meterproto.Volume{} },
		"register invalid": func(r *meterproto.Reading, _ *meterproto.Taken) { r.Consumed.Valid = false },
		"no total":         func(_ *meterproto.Reading, t *meterproto.Taken) { t.Total = meterproto.Credit{} },
		"total invalid":    func(_ *meterproto.Reading, t *meterproto.Taken) { t.Total.Valid = false },
		"remaining":        func(_ *meterproto.Reading, t *meterproto.Taken) { t.Remaining.Valid = false },
		"money":            func(_ *meterproto.Reading, t *meterproto.Taken) { t.Total.Unit = meterproto.CreditFen },
		"register below 0": func(r *meterproto.Reading, _ *meterproto.Taken) { r.Consumed.Litres = -5 },
		"total below 0":    func(_ *meterproto.Reading, t *meterproto.Taken) { t.Total.N = -1 },
		"credit below 0":   func(_ *meterproto.Reading, t *meterproto.Taken) { t.Remaining.N = -1 },
	} {
		r, said := reading(), taken()
		change(&r, &said)
		for _, rolls := range []bool{false, true} {
			if got, err := intake.FromWire(knownOf(ledger.Litre), r, said, rolls); !errors.Is(err, vending.ErrIncomplete) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
}

// A meter that was taken over and began again from nothing: its total is less than what it had before our books.
func TestFromWireRefusesALostTotal(t *testing.T) {
	t.Parallel()
	known := knownOf(ledger.Litre)
	known.Offset = -80_000
	if got, err := intake.FromWire(known, reading(), taken(), false); !errors.Is(err, vending.ErrIncomplete) {
		t.Errorf("%+v, %v", got, err)
	}
}

// What a meter that counts money has measured below 0 is no reading; the money is all the same.
func TestFromWireKeepsNoRegisterBelowZero(t *testing.T) {
	t.Parallel()
	r, fen := reading(), credit(500, 1, meterproto.CreditFen)
	r.Consumed.Litres = -5
	got, err := intake.FromWire(knownOf(ledger.CNY), r, meterproto.Taken{Total: fen, Remaining: fen}, false)
	if err != nil || got.Register != nil || got.Loaded != 500 {
		t.Errorf("%+v, %v", got, err)
	}
}
