package mbus_test

import (
	"encoding/binary"
	"math"
	"reflect"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	mp "github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// register is what a test says of a register; Raw and Span are left out.
func register(kind mp.Kind, unit mp.Unit, digits int64, scale int8) mp.Register {
	return mp.Register{Kind: kind, Unit: unit, Value: mp.Decimal{Digits: digits, Scale: scale}}
}

// Each number follows from the tables of EN 13757-3, by hand.
func TestValuesInTheirUnits(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]mp.Register{
		"0C1381608702":     register(mp.OfVolume, mp.CubicMetre, 2876081, -3),
		"040698140000":     register(mp.OfEnergy, mp.WattHour, 5272, 3),
		"040E0A000000":     register(mp.OfEnergy, mp.Joule, 10, 6),
		"022DFFFF":         register(mp.OfPower, mp.Watt, -1, 2),
		"013301":           register(mp.OfPower, mp.JoulePerHour, 1, 3),
		"0B3B512000":       register(mp.OfFlow, mp.CubicMetrePerHour, 2051, -3),
		"014702":           register(mp.OfFlow, mp.CubicMetrePerHour, 120, 0),
		"014C02":           register(mp.OfFlow, mp.CubicMetrePerHour, 7200, -5),
		"011E02":           register(mp.OfMass, mp.Kilogram, 2, 3),
		"015002":           register(mp.OfMassFlow, mp.KilogramPerHour, 2, -3),
		"0A5A0502":         register(mp.OfTemperature, mp.Celsius, 205, -1),
		"0B620200F0":       register(mp.OfTempSpan, mp.Kelvin, -2, -1),
		"016B05":           register(mp.OfPressure, mp.Bar, 5, 0),
		"0222A1B2":         register(mp.OfDuration, mp.Second, -19807*3600, 0),
		"02774001":         register(mp.OfDuration, mp.Second, 320*86400, 0),
		"02FD48F702":       register(mp.OfTension, mp.Volt, 759, -1),
		"02FD597700":       register(mp.OfCurrent, mp.Ampere, 119, -3),
		"02FD027B00":       register(mp.OfMoney, mp.Currency, 123, -1),
		"01FD7402":         register(mp.OfDuration, mp.Second, 2*86400, 0),
		"01FD6103":         register(mp.OfCount, mp.NoUnit, 3, 0),
		"01FB0102":         register(mp.OfEnergy, mp.WattHour, 2, 6),
		"01FB0902":         register(mp.OfEnergy, mp.Joule, 2, 9),
		"01FB1102":         register(mp.OfVolume, mp.CubicMetre, 2, 3),
		"0AFB1A3105":       register(mp.OfRatio, mp.Percent, 531, -1),
		"04FB9772FBFEFFFF": register(mp.OfReactive, mp.Var, -261, -1),
		"04FB827573000000": register(mp.OfReactive, mp.VarHour, 115, 2),
		"02FB2DF401":       register(mp.OfFrequency, mp.Hertz, 500, -2),
		"02FDBA736403":     register(mp.OfRatio, mp.NoUnit, 868, -3),
		"04937D02000000":   register(mp.OfVolume, mp.CubicMetre, 2, 0),
		"0493F07702000000": register(mp.OfVolume, mp.CubicMetre, 2, -8),
		"04933B02000000":   register(mp.OfVolume, mp.CubicMetre, 2, -3),
		"01DA5307":         register(mp.OfDuration, mp.Second, 7*86400, 0),
		"0514CDCCCC3D":     register(mp.OfVolume, mp.CubicMetre, 1, -3),
		"055BF0D12442":     register(mp.OfTemperature, mp.Celsius, 41205017, -6),
		"05160000C0C2":     register(mp.OfVolume, mp.CubicMetre, -96, 0),
		"0D13C3563412":     register(mp.OfVolume, mp.CubicMetre, 123456, -3),
		"0D13D3563412":     register(mp.OfVolume, mp.CubicMetre, -123456, -3),
		"0D13E2FFFF":       register(mp.OfVolume, mp.CubicMetre, -1, -3),
	} {
		got := one(t, in).Register()
		got.Raw, got.Span = nil, 0
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", in, got, want)
		}
	}
}

// A register in BCD begins again after its digits, counted as it counts; of an integer, a real or what does not count up nobody knows.
func TestBCDRegistersHaveAWidth(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{
		"0C1381608702": 100_000_000, "0B13608702": 1_000_000, "0E13816087020000": 1_000_000_000_000, "0C0681608702": 100_000_000,
		"040698140000": 0, "0514CDCCCC3D": 0, "0D13C3563412": 0, "0A5A0502": 0, "0C13FFFFFFFF": 0,
	} {
		if got := one(t, in).Register().Span; got != want {
			t.Errorf("%s: %d, want %d", in, got, want)
		}
	}
	f := mbus.Fixed{CI: mbus.FixedLow}
	f.Counters[0].Unit = 0x28 // litres
	for status, want := range map[mbus.FixedStatus]int64{0: 100_000_000, mbus.BinaryCounters: 0} {
		f.Status = status
		if got := f.Register(0); got.Kind != mp.OfVolume || got.Span != want {
			t.Errorf("status %02X: %+v", status, got)
		}
	}
}

// What has no value, or none that is known, is no number.
func TestNoNumberIsInvented(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		kind  mp.Kind
		state mp.State
	}{
		"0C13FFFFFFFF":               {mp.OfVolume, mp.NoValue},
		"0C13FFFFFF0F":               {mp.OfVolume, mp.Invalid},
		"0C131A000000":               {mp.OfVolume, mp.Invalid},
		"0C13000000E1":               {mp.OfVolume, mp.Invalid},
		"3C1399999999":               {mp.OfVolume, mp.NoValue},
		"041300000080":               {mp.OfVolume, mp.NoValue},
		"07130000000000000080":       {mp.OfVolume, mp.NoValue},
		"0727FFFFFFFFFFFFFF7F":       {mp.OfDuration, mp.Invalid}, // more seconds than an int64 holds
		"05130000C0FF":               {mp.OfVolume, mp.NoValue},
		"05130000807F":               {mp.OfVolume, mp.NoValue},
		"0D13C11A":                   {mp.OfVolume, mp.Invalid},
		"04931500000000":             {mp.OfVolume, mp.NoValue}, // VIFE: no data available
		"04930100000000":             {mp.Unread, mp.Good},      // VIFE: too many DIFEs
		"0493FF0102000000":           {mp.Unread, mp.Good},      // the maker's own VIFE
		"0493FC0102000000":           {mp.Unread, mp.Good},      // one phase
		"04933C02000000":             {mp.Unread, mp.Good},      // backward flow
		"04932002000000":             {mp.Unread, mp.Good},      // per second
		"04937E02000000":             {mp.Unread, mp.Good},      // a value to come
		"047F02000000":               {mp.Unread, mp.Good},
		"04FF0102000000":             {mp.Unread, mp.Good},
		"04FFF763FCCA7D04":           {mp.Unread, mp.Good}, // of the maker: nothing that lasted days (jmbus MessagesData.java testMsg9)
		"06FFF7B93B401E89491800":     {mp.Unread, mp.Good}, // of the maker: no date (the same)
		"047C016102000000":           {mp.Unread, mp.Good},
		"046F02000000":               {mp.Unread, mp.Good},
		"01FD2802":                   {mp.Unread, mp.Good}, // months
		"01FB2102":                   {mp.Unread, mp.Good}, // cubic feet
		"01FB5B02":                   {mp.Unread, mp.Good}, // Fahrenheit
		"01FD1602":                   {mp.Unread, mp.Good}, // a password
		"0D1302AABB":                 {mp.Unread, mp.Good},
		"0D13EA00000000000000000000": {mp.Unread, mp.Good},
		"0013":                       {mp.Unread, mp.Good},
		"0813":                       {mp.Unread, mp.Good},
		"0F1300":                     {mp.Unread, mp.Good},
		"0C7812345678":               {mp.OfIdentity, mp.Good},
		"0D7802AABB":                 {mp.OfText, mp.Good},
		"02FD170100":                 {mp.OfStatus, mp.Good},
	} {
		got := one(t, in).Register()
		if got.Kind != want.kind || got.State != want.state || got.Value != (mp.Decimal{}) || !got.Time.IsZero() {
			t.Errorf("%s: got %+v, want kind %d, state %d", in, got, want.kind, want.state)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]struct {
		shown string
		utc   string // empty where there is no instant
		state mp.State
	}{
		"426CBF1C":         {"2013-12-31", "2013-12-30T16:00:00Z", mp.Good},
		"046D0A0CCD13":     {"2014-03-13T12:10:00", "2014-03-13T04:10:00Z", mp.Good},
		"046D0A8CCD13":     {"2014-03-13T12:10:00", "2014-03-13T03:10:00Z", mp.Good}, // summer time
		"046D0A2CCD13":     {"2014-03-13T12:10:00", "2014-03-13T04:10:00Z", mp.Good}, // hundreds
		"046D8A0CCD13":     {"2014-03-13T12:10:00", "", mp.NoValue},                  // clock not right
		"066D1E0A0CCD1300": {"2014-03-13T12:10:30", "2014-03-13T04:10:30Z", mp.Good}, // type I
		"426C3EA1":         {"1981-01-30", "1981-01-29T16:00:00Z", mp.Good},          // two digits past 80
		"426CBE02":         {"2005-02-30", "", mp.Invalid},                           // 30 February
		"426CFFFF":         {"2127-15-31", "", mp.NoValue},
		"426CFFFC":         {"2127-12-31", "", mp.NoValue},
		"046D0A0CFFFC":     {"2027-12-31T12:10:00", "", mp.NoValue}, // every year: shown as the reference shows it (its line 17), and no instant
		"066D000000E1F100": {"2027-01-01T00:00:00", "", mp.NoValue},
		"426C0000":         {"2000-00-00", "", mp.NoValue},
		"426C81D1":         {"2108-01-01", "", mp.Invalid},
		"046D0018CD13":     {"2014-03-13T24:00:00", "", mp.Invalid},
		"046D3F1FCD13":     {"2014-03-13T31:63:00", "", mp.NoValue},
		"04FD700A0CCD13":   {"2014-03-13T12:10:00", "2014-03-13T04:10:00Z", mp.Good},
		"02FD30CD13":       {"2014-03-13", "2014-03-12T16:00:00Z", mp.Good},
	} {
		r := one(t, in)
		d, ok := r.Date()
		if !ok || d.String() != want.shown {
			t.Errorf("%s: shown as %v, %v, want %v", in, d, ok, want.shown)
		}
		reg := r.Register()
		if reg.Kind != mp.OfInstant || reg.State != want.state || (want.utc == "") != reg.Time.IsZero() {
			t.Errorf("%s: %+v", in, reg)
		} else if want.utc != "" && reg.Time.Format(time.RFC3339) != want.utc {
			t.Errorf("%s: %v, want %v", in, reg.Time, want.utc)
		}
	}
	for _, in := range []string{"046C0A0CCD13", "026DCD13", "0A6C1310", "036D0A0C01", "0413CD13CD13", "056D0A0CCD13"} {
		if d, ok := one(t, in).Date(); ok {
			t.Errorf("%s became %v", in, d)
		}
	}
	// The date of a maximum is a date, by its VIFE.
	if reg := one(t, "9410DA6F0A0CCD13").Register(); reg.Kind != mp.OfInstant || reg.Time.IsZero() || reg.Function != mp.Maximum {
		t.Errorf("date of a maximum: %+v", reg)
	}
}

func TestDateSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := mbus.Date{
			Digits: rapid.IntRange(0, 127).Draw(t, "digits"), Month: rapid.IntRange(0, 15).Draw(t, "month"),
			Day: rapid.IntRange(0, 31).Draw(t, "day"),
		}
		coding, vif := mbus.Int16, byte(0x6C)
		if d.Timed = rapid.Bool().Draw(t, "timed"); d.Timed {
			coding, vif = mbus.Int32, 0x6D
			d.Hour, d.Minute = rapid.IntRange(0, 31).Draw(t, "hour"), rapid.IntRange(0, 63).Draw(t, "minute")
			d.Summer, d.Invalid = rapid.Bool().Draw(t, "summer"), rapid.Bool().Draw(t, "invalid")
			if rapid.Bool().Draw(t, "seconds") {
				coding, d.Second = mbus.Int48, rapid.IntRange(0, 63).Draw(t, "second")
			} else {
				d.Hundreds = rapid.IntRange(0, 3).Draw(t, "hundreds")
			}
		}
		o := mbus.Order(rapid.ByteRange(0, 1).Draw(t, "order"))
		r := mbus.Record{DIB: mbus.DIB{Coding: coding}, VIB: mbus.VIB{VIF: vif}, Data: d.AppendTo(nil, coding, o), Order: o}
		if back, ok := r.Date(); !ok || back != d {
			t.Fatalf("%+v came back as %+v, %v", d, back, ok)
		}
		instant, state := d.Time()
		if (state == mp.Good) == instant.IsZero() {
			t.Fatalf("%+v: %v, %d", d, instant, state)
		}
	})
}

// A real is the shortest decimal that names it, and names no other.
func TestRealsAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float32().Draw(t, "real")
		r := mbus.Record{DIB: mbus.DIB{Coding: mbus.Real32}, VIB: mbus.VIB{VIF: 0x16}, Data: realBytes(f)}
		d, state, ok := r.Number()
		if !ok || state != mp.Good || parseReal(t, d.String()) != f || r.NotFinite() != "" {
			t.Fatalf("%v: %v, %d, %v", f, d, state, ok)
		}
	})
	for in, want := range map[string]string{
		"05160000C07F": "nan", "05160000C0FF": "-nan", "05160000807F": "inf", "0516000080FF": "-inf", "051600000000": "", "04160000C07F": "",
	} {
		if got := one(t, in).NotFinite(); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

// realBytes is a real as it is sent, lowest byte first.
func realBytes(f float32) []byte { return binary.LittleEndian.AppendUint32(nil, math.Float32bits(f)) }

// parseReal is the real that a decimal names.
func parseReal(t fataler, s string) float32 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 32)
	if err != nil {
		t.Fatal(err)
	}
	return float32(f)
}
