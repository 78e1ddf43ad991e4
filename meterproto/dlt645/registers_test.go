package dlt645_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// said is a register in short: value and unit, and where it belongs.
func said(r meterproto.Register) string {
	text := r.Value.String() + " " + r.Unit.String()
	switch {
	case r.State == meterproto.NoValue:
		text = "none"
	case r.State == meterproto.Invalid:
		text = "invalid"
	case r.Kind == meterproto.OfInstant:
		text = r.Time.Add(dlt645.ZoneOffset).Format(time.DateTime)
	case r.Kind == meterproto.Unread, r.Kind == meterproto.OfIdentity, r.Kind == meterproto.OfText, r.Kind == meterproto.OfStatus:
		text = fmt.Sprintf("%X", r.Raw)
	}
	for _, part := range []struct {
		name string
		n    uint64
	}{{"T", uint64(r.Tariff)}, {"S", r.Storage}, {"P", uint64(r.Subunit)}} {
		if part.n != 0 {
			text += fmt.Sprintf(" %s%d", part.name, part.n)
		}
	}
	return strings.Join(strings.Fields(text), " ")
}

func TestRegisters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		di     dlt645.DI
		values string
		want   string
	}{
		{dlt645.ID(0x00010000), "78563412", "123456780 Wh"},
		{dlt645.ID(0x00000000), "34120080", "-12340 Wh"},
		{dlt645.ID(0x00010000), "34120080", "800012340 Wh"}, // a forward register has no sign
		{dlt645.ID(0x00010203), "00010000", "1000 Wh T2 S3"},
		{dlt645.ID(0x0001FF00), "0100000002000000FFFFFFFF", "10 Wh, 20 Wh T1, none T2"},
		{dlt645.ID(0x000100FF), "0100000002000000", "10 Wh, 20 Wh S1"},
		{dlt645.ID(0x0001FF00), "01000000AA", "10 Wh"}, // a block that ends in a separator
		{dlt645.ID(0x00290000), "01000000", "10 Wh P2"},
		{dlt645.ID(0x00BC0000), "01000080", "-10 Wh P3"},
		{dlt645.ID(0x00900200), "56981900", "1998.56 currency"},
		{dlt645.ID(0x01010000), "3412003010060719", "123.4 W, 2019-07-06 10:30:00"},
		{dlt645.ID(0x01010000), "0000000000000000", "0.0 W, none"},
		{dlt645.ID(0x009A0000), "01000000", "10 Wh P1"},
		{dlt645.ID(0x02010300), "6222", "226.2 V P3"},
		{dlt645.ID(0x0201FF00), "62229999FFFF", "226.2 V P1, none P2, none P3"},
		{dlt645.ID(0x02020100), "500180", "-0.150 A P1"},
		{dlt645.ID(0x0203FF00), "345682000000010000020000", "-2563.4 W, 0.0 W P1, 0.1 W P2, 0.2 W P3"},
		{dlt645.ID(0x02060000), "9989", "-0.999"},
		{dlt645.ID(0x02800002), "9949", "49.99 Hz"},
		{dlt645.ID(0x02800007), "0580", "-0.5 C"},
		{dlt645.ID(0x020A0103), "3412", "12.34 % S3 P1"},
		{dlt645.ID(0x0280000B), "05480000", "0.4805 currency"},
		{dlt645.ID(0x03010000), strings.Repeat("010000020000", 3), "1 P1, 2 min P1, 1 P2, 2 min P2, 1 P3, 2 min P3"},
		{dlt645.ID(0x03300D00), "120000", "12"},
		{dlt645.ID(0x03330101), "3010060719", "2019-07-06 10:30:00 S1"},
		{dlt645.ID(0x03330201), "0300", "3 S1"},
		{dlt645.ID(0x03330201), "03000000", "3 S1"},
		{dlt645.ID(0x1D000001), "030000", "3"},
		{dlt645.ID(0x13020001), "030000", "3 P2"},
		{dlt645.ID(0x04000101), "06060719", "2019-07-06 00:00:00"},
		{dlt645.ID(0x04000103), "99", "99 min"}, // one byte of 99 is a number
		{dlt645.ID(0x04000103), "FF", "none"},
		{dlt645.ID(0x04000102), "305910", "0000-01-01 10:59:30"},
		{dlt645.ID(0x04000401), "563412000000", "563412000000"},
		{dlt645.ID(0x040005FF), "0100020003000400050006000700", "0100 S1, 0200 S2, 0300 S3, 0400 S4, 0500 S5, 0600 S6, 0700 S7"},
		{dlt645.ID(0x05060101), "0100000002000000", "10 Wh S1, 20 Wh T1 S1"},
		{dlt645.ID(0x05060001), "0000091015", "2015-10-09 00:00:00 S1"},
		{dlt645.ID97(0x9010), "16000000", "160 Wh"},
		{dlt645.ID97(0x9412), "16000000", "160 Wh T2 S1"},
		{dlt645.ID97(0x911F), "1600000017000000AA", "160 varh, 170 varh T1"},
		{dlt645.ID97(0xB611), "2002", "220 V P1"},
		{dlt645.ID97(0xB630), "345602", "2563.4 W"},
		{dlt645.ID97(0xC010), "06060719", "2019-07-06 00:00:00"},
		{dlt645.ID97(0xB010), "30100607", "0000-07-06 10:30:00"},
	} {
		registers, err := dlt645.AppendRegisters(nil, dlt645.Reply{DI: c.di, Values: unhex(t, c.values)})
		var all []string
		for _, r := range registers {
			all = append(all, said(r))
		}
		if got := strings.Join(all, ", "); err != nil || got != c.want {
			t.Errorf("%v %s: %s, want %s, %v", c.di, c.values, got, c.want, err)
		}
	}
}

func TestUnknownLayoutsStayRaw(t *testing.T) {
	t.Parallel()
	for di, values := range map[dlt645.DI]string{
		dlt645.ID(0x00010000): "010000",                      // too short
		dlt645.ID(0x00000000): "0000000003",                  // a capture has five bytes
		dlt645.ID(0x0001FF00): "01000000020000",              // a half of a value
		dlt645.ID(0x0201FF00): "0100020003000400",            // a fourth phase
		dlt645.ID(0x0001FFFF): strings.Repeat("01000000", 2), // tariffs of which month?
		dlt645.ID(0x00010D00): "",                            // nothing
		dlt645.ID(0x03300001): strings.Repeat("00", 50),      // a record, the maker's
		dlt645.ID(0x04900000): "0100000001000000",            // a vendor's own
		dlt645.ID(0xEEEEEEEE): "00",
		dlt645.ID97(0xE123):   "00",
		dlt645.ID(0x00009010): "01000000", // 1997's, in the other edition
		dlt645.ID97(0x0100):   "01000000",
		{Code: 0x00010000}:    "00",
		dlt645.ID(0x020A0116): "0000", // the 22nd harmonic
		dlt645.ID(0x04000508): "0000", // an eighth status word
		dlt645.ID(0x0500FF01): strings.Repeat("00", 40),
	} {
		r := dlt645.Reply{DI: di, Values: unhex(t, values)}
		got, err := dlt645.AppendRegisters(nil, r)
		if !errors.Is(err, meterproto.ErrLayout) || len(got) != 1 || got[0].Kind != meterproto.Unread || fmt.Sprintf("%X", got[0].Raw) != values {
			t.Errorf("%v: %+v, %v", di, got, err)
		}
	}
}

func TestWrongFieldsAreReported(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		di     dlt645.DI
		values string
		offset int
		want   string
	}{
		{dlt645.ID(0x00010000), "0A000000", 4, "invalid"},
		{dlt645.ID(0x0001FF00), "0100000000A00000", 8, "10 Wh, invalid T1"},
		{dlt645.ID(0x02010100), "FF2F", 4, "invalid P1"},
		{dlt645.ID(0x01010000), "3412003010310219", 7, "123.4 W, invalid"}, // 31 February
		{dlt645.ID(0x04000102), "306010", 4, "invalid"},                    // 60 minutes
		{dlt645.ID(0x04000101), "08060719", 4, "invalid"},                  // an eighth weekday
		{dlt645.ID(0x04000401), "56341200000B", 4, "invalid"},
		{dlt645.ID97(0xC011), "305924", 2, "invalid"},
	} {
		registers, err := dlt645.AppendRegisters(nil, dlt645.Reply{DI: c.di, Values: unhex(t, c.values)})
		var all []string
		for _, r := range registers {
			if r.State == meterproto.Invalid && (r.Value != meterproto.Decimal{} || !r.Time.IsZero()) {
				t.Errorf("%v: a value where there is none: %+v", c.di, r)
			}
			all = append(all, said(r))
		}
		field, ok := errors.AsType[*dlt645.FieldError](err)
		if got := strings.Join(all, ", "); !ok || field.Offset != c.offset || got != c.want {
			t.Errorf("%v %s: %s, want %s; %v", c.di, c.values, got, c.want, err)
		}
		_, digit := errors.AsType[*bcd.DigitError](err)
		if !digit && !errors.Is(err, dlt645.ErrDate) {
			t.Errorf("%v: no reason: %v", c.di, err)
		}
	}
}

func TestAppendValuesRefuses(t *testing.T) {
	t.Parallel()
	energy := func(n int64, scale int8) meterproto.Register {
		return meterproto.Register{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Value: meterproto.Decimal{Digits: n, Scale: scale}}
	}
	for name, c := range map[string]struct {
		di   dlt645.DI
		in   []meterproto.Register
		want error
	}{
		"nothing":            {dlt645.ID(0x00010000), nil, meterproto.ErrLayout},
		"two where one is":   {dlt645.ID(0x00010000), []meterproto.Register{energy(1, 1), energy(1, 1)}, meterproto.ErrLayout},
		"unknown":            {dlt645.ID(0xEEEEEEEE), []meterproto.Register{energy(1, 1)}, meterproto.ErrLayout},
		"other scale":        {dlt645.ID(0x00010000), []meterproto.Register{energy(1, 0)}, dlt645.ErrRegister},
		"other kind":         {dlt645.ID(0x02010100), []meterproto.Register{energy(1, 1)}, dlt645.ErrRegister},
		"no sign":            {dlt645.ID(0x00010000), []meterproto.Register{energy(-1, 1)}, dlt645.ErrNegative},
		"means no value":     {dlt645.ID(0x00010000), []meterproto.Register{energy(99999999, 1)}, dlt645.ErrReserved},
		"a year of 4 digits": {dlt645.ID(0x05060001), []meterproto.Register{{Kind: meterproto.OfInstant, Time: time.Date(2100, 1, 2, 0, 0, 0, 0, time.UTC)}}, dlt645.ErrDate},
		"short address":      {dlt645.ID(0x04000401), []meterproto.Register{{Kind: meterproto.OfIdentity, Raw: []byte{1}}}, dlt645.ErrRegister},
	} {
		if got, err := dlt645.AppendValues([]byte{1}, c.di, c.in); !errors.Is(err, c.want) || len(got) != 1 {
			t.Errorf("%s: %X, %v", name, got, err)
		}
	}
	for _, n := range []int64{100_000_000, 80_000_000} {
		_, err := dlt645.AppendValues(nil, dlt645.ID(0x00000000), []meterproto.Register{energy(n, 1)})
		if _, ok := errors.AsType[*bcd.RangeError](err); !ok {
			t.Errorf("%d in a signed field: %v", n, err)
		}
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	meter, _ := dlt645.ParseAddress("202107072529")
	var m meterproto.Reading
	for di, values := range map[uint32]string{
		0x00010000: "78563412", dlt645.ClockNow: "30591003311225", dlt645.StatusWord3: "1000", dlt645.StatusWord1: "0400",
	} {
		b := unhex(t, values)
		if err := dlt645.AddTo(&m, meter, dlt645.Reply{DI: dlt645.ID(di), Values: b}); err != nil {
			t.Error(err)
		}
		clear(b)
	}
	if m.Meter != "202107072529" || len(m.Registers) != 4 || !m.BatteryLow || m.ValveOpen == nil || *m.ValveOpen ||
		!m.Time.Equal(time.Date(2025, 12, 31, 2, 59, 30, 0, time.UTC)) {
		t.Errorf("%+v", m)
	}
	for _, r := range m.Registers {
		if r.Raw[0] == 0 && r.Raw[len(r.Raw)-1] == 0 {
			t.Errorf("a register that was not copied: %+v", r)
		}
	}
	if err := dlt645.AddTo(&m, dlt645.Address{1}, dlt645.Reply{}); !errors.Is(err, meterproto.ErrWrongMeter) {
		t.Errorf("another meter's answer: %v", err)
	}
}
