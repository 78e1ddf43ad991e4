package cjt188_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// registersOf are the registers of a reading by kind and storage, as text.
func registersOf(r meterproto.Reading) (all []string) {
	for _, x := range r.Registers {
		if x.State == meterproto.Good && x.Unit != meterproto.NoUnit {
			all = append(all, x.Value.String()+" "+x.Unit.String())
		}
	}
	return all
}

func TestReadingOfAHeatMeter(t *testing.T) {
	t.Parallel()
	var r meterproto.Reading
	_, c := read(t, heatRead)
	if err := c.AddTo(&r, 0); err != nil {
		t.Fatal(err)
	}
	// The source's layout: 0 kWh twice, 0 W, 0 m³/h, 0.19 m³, 30.76 and 30.68 °C, 273 h.
	want := []string{"0 Wh", "0 Wh", "0.00 W", "0.0000 m3/h", "0.19 m3", "30.76 C", "30.68 C", "982800 s"}
	if got := registersOf(r); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	if r.Consumed.Valid || !r.BatteryLow || r.ValveOpen == nil || !*r.ValveOpen {
		t.Errorf("got %+v", r)
	}
	if at := time.Date(2007, 9, 12, 3, 41, 32, 0, time.UTC); r.Time != at {
		t.Errorf("time %v", r.Time)
	}
	if s := r.Registers[0]; s.Kind != meterproto.OfEnergy || s.Storage != 1 || len(s.Raw) != 5 {
		t.Errorf("settlement heat is %+v", s)
	}
}

// A reading grows by answers: the register, the purchases, a month of the past.
func TestReadingOfSeveralAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		credit cjt188.Credit
		last   string // the last purchase among the registers
		kind   meterproto.Kind
	}{
		"volume":      {cjt188.CreditVolume, "50.00 m3", meterproto.OfVolume},
		"money":       {cjt188.CreditMoney, "50.00 currency", meterproto.OfMoney},
		"energy":      {cjt188.CreditEnergyKWh, "5000000 Wh", meterproto.OfEnergy},
		"energy, GJ":  {cjt188.CreditEnergyGJ, "50000000000 J", meterproto.OfEnergy},
		"nobody said": {0, "", meterproto.Unread},
	} {
		var r meterproto.Reading
		for _, vector := range []string{waterBehindText, purchaseReply, monthReply} {
			_, content := read(t, vector)
			if err := content.AddTo(&r, c.credit); err != nil {
				t.Fatal(err)
			}
		}
		if r.Consumed.Litres != 2000 || len(r.Registers) != 4+5+1 {
			t.Errorf("%s: %+v", name, r)
		}
		bought := r.Registers[5]
		if bought.Kind != c.kind || c.last != "" && bought.Value.String()+" "+bought.Unit.String() != c.last {
			t.Errorf("%s: last purchase %+v", name, bought)
		}
		if (r.Purchases != nil) != (c.credit == cjt188.CreditVolume) {
			t.Errorf("%s: purchases %+v", name, r.Purchases)
		}
		if month := r.Registers[9]; month.Storage != 1 || month.Value.String() != "123456.78" || month.Kind != meterproto.OfVolume {
			t.Errorf("%s: month %+v", name, month)
		}
	}
}

// The status of the last answer counts, and a stored value says which it is.
func TestReadingOfLaterAnswers(t *testing.T) {
	t.Parallel()
	r := meterproto.Reading{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
	shut := &cjt188.Purchases{Status: cjt188.NewStatus(cjt188.ValveClosed, true)}
	frozen := &cjt188.Freeze{Volume: quantity(1234, cjt188.Litre)}
	for _, a := range []struct {
		di cjt188.DI
		m  cjt188.Message
	}{{cjt188.DIPurchases, shut}, {0xD302, frozen}} {
		if err := contentOf(t, a.di, a.m).AddTo(&r, cjt188.CreditVolume); err != nil {
			t.Fatal(err)
		}
	}
	if r.ValveOpen == nil || *r.ValveOpen || !r.BatteryLow || r.Time.Year() != 2024 {
		t.Errorf("got %+v", r)
	}
	if v := r.Registers[6]; v.Storage != 3 || v.Value != (meterproto.Decimal{Digits: 1234, Scale: -5}) {
		t.Errorf("third freeze: %+v", v)
	}
}

// contentOf is what a meter that answers with m says.
func contentOf(t *testing.T, di cjt188.DI, m cjt188.Message) cjt188.Content {
	t.Helper()
	values, err := cjt188.AppendValues(nil, m, cjt188.Layout{})
	if err != nil {
		t.Fatal(err)
	}
	return answered(di, values...)
}

// answered is what an answer to a read with these values says.
func answered(di cjt188.DI, values ...byte) cjt188.Content {
	f := cjt188.Reply{Query: cjt188.Query{DI: di}, Values: values}.Frame(0x10, cjt188.Address{1})
	return cjt188.Read(f, cjt188.Layout{})
}

func TestReadingStaysAsItWas(t *testing.T) {
	t.Parallel()
	r := meterproto.Reading{Meter: "1"}
	_, bad := read(t, waterTimeHalfSet)
	if _, ok := errors.AsType[*cjt188.FieldError](bad.AddTo(&r, 0)); !ok || !reflect.DeepEqual(r, meterproto.Reading{Meter: "1"}) {
		t.Errorf("a clock that cannot be: %+v", r)
	}
	for _, odd := range []cjt188.Content{answered(0x1234, 1), answered(cjt188.DIFlow, 1, 2, 3), answered(0x1234)} {
		if err := odd.AddTo(&r, 0); !errors.Is(err, meterproto.ErrLayout) || r.Registers != nil {
			t.Errorf("%v: %v, %+v", odd.DI, err, r)
		}
	}
}

// Heat and cold of the 2018 edition have a clock and a status, as all have.
func TestReadingOfTheLaterEdition(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	low := cjt188.NewStatus(cjt188.ValveClosed, true)
	for _, c := range []struct {
		di cjt188.DI
		m  cjt188.Message
	}{{cjt188.DIHeatCold, &cjt188.HeatCold{Time: at, Status: low}}, {cjt188.DIFlow, &cjt188.Heat2018{Time: at, Status: low}}} {
		var r meterproto.Reading
		if err := contentOf(t, c.di, c.m).AddTo(&r, 0); err != nil || r.Time != at || !r.BatteryLow || r.ValveOpen == nil || r.Consumed.Valid {
			t.Errorf("%T: %+v, %v", c.m, r, err)
		}
	}
}

// An amount that is none has no number, whatever it would count.
func TestNoAmountIsNoNumber(t *testing.T) {
	t.Parallel()
	var r meterproto.Reading
	if err := answered(cjt188.DIPurchases, append([]byte{1}, []byte("\x99\x99\x99\x99\xFF\xFF\xFF\xFF\x00\x00\x00\x00\x00\x00")...)...).AddTo(&r, cjt188.CreditMoney); err != nil {
		t.Fatal(err)
	}
	for _, none := range r.Registers[1:3] {
		if none.State != meterproto.NoValue || none.Value != (meterproto.Decimal{}) || none.Unit != meterproto.NoUnit {
			t.Errorf("got %+v", none)
		}
	}
	if left := r.Registers[3]; left.State != meterproto.Good || left.Value.String() != "0.00" || left.Unit != meterproto.Currency {
		t.Errorf("got %+v", left)
	}
}

// Every unit byte of the tables, with its steps of ten and a hundred, as
// meterproto counts it: §2.
func TestEveryUnit(t *testing.T) {
	t.Parallel()
	type meaning struct {
		name  string
		unit  meterproto.Unit
		scale int8
	}
	known := map[cjt188.Unit]meaning{
		0x01: {"J", meterproto.Joule, -2}, 0x02: {"Wh", meterproto.WattHour, -2}, 0x05: {"kWh", meterproto.WattHour, 1},
		0x08: {"MWh", meterproto.WattHour, 4}, 0x0A: {"MWh×100", meterproto.WattHour, 6}, 0x0B: {"kJ", meterproto.Joule, 1},
		0x0E: {"MJ", meterproto.Joule, 4}, 0x11: {"GJ", meterproto.Joule, 7}, 0x13: {"GJ×100", meterproto.Joule, 9},
		0x14: {"W", meterproto.Watt, -2}, 0x17: {"kW", meterproto.Watt, 1}, 0x1A: {"MW", meterproto.Watt, 4},
		0x29: {"L", meterproto.CubicMetre, -5}, 0x2C: {"m3", meterproto.CubicMetre, -2}, 0x2E: {"m3×100", meterproto.CubicMetre, 0},
		0x32: {"L/h", meterproto.CubicMetrePerHour, -5}, 0x35: {"m3/h", meterproto.CubicMetrePerHour, -2},
		0x40: {"J/h", meterproto.JoulePerHour, -2}, 0x43: {"kJ/h", meterproto.JoulePerHour, 1}, 0x4B: {"GJ/h×100", meterproto.JoulePerHour, 9},
	}
	for u, want := range known {
		var got meterproto.Reading
		err := answered(cjt188.DIHistory, 0x34, 0x12, 0, 0, byte(u)).AddTo(&got, 0)
		if k := u.Kind(); k != meterproto.OfVolume && k != meterproto.OfEnergy {
			if _, ok := errors.AsType[*cjt188.UnitError](err); !ok {
				t.Errorf("%v as a settlement: %v", u, err)
			}
			continue
		}
		if err != nil || got.Registers[0].Unit != want.unit || got.Registers[0].Value != (meterproto.Decimal{Digits: 1234, Scale: want.scale}) {
			t.Errorf("%v: %+v, %v", u, got.Registers, err)
		}
		if u.String() != want.name {
			t.Errorf("%02X is called %v", byte(u), u)
		}
	}
	steps := map[cjt188.Unit]string{0x03: "Wh×10", 0x04: "Wh×100", 0x0C: "kJ×10", 0x10: "MJ×100", 0x18: "kW×10", 0x2B: "L×100", 0x33: "L/h×10", 0x37: "m3/h×100", 0x48: "MJ/h×100"}
	for u, name := range steps {
		if u.String() != name {
			t.Errorf("%02X is called %v", byte(u), u)
		}
	}
	for _, u := range []cjt188.Unit{0x00, 0x1D, 0x28, 0x2F, 0x31, 0x38, 0x41, 0x42, 0x4C, 0xFF} {
		if u.Kind() != meterproto.Unread {
			t.Errorf("%02X is %v", byte(u), u)
		}
	}
}
