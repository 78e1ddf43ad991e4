package cjt188_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// reply decodes a vector down to its values.
func reply(t fataler, vector string) cjt188.Reply {
	t.Helper()
	f, _, _, err := cjt188.Next(unhex(t, vector))
	if err != nil {
		t.Fatal(err)
	}
	r, err := cjt188.DecodeReply(cjt188.ReadData, f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func decodeFlow(values []byte) (f cjt188.Flow, err error) {
	err = cjt188.DecodeValues(values, &f, cjt188.Layout{})
	return f, err
}

func decodePurchases(values []byte) (p cjt188.Purchases, err error) {
	err = cjt188.DecodeValues(values, &p, cjt188.Layout{})
	return p, err
}

func quantity(hundredths uint32, u cjt188.Unit) cjt188.Quantity {
	return cjt188.Quantity{Digits: cjt188.Digits{Hundredths: hundredths, Valid: true}, Unit: u}
}

func TestCollectedFlow(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		vector string
		want   cjt188.Flow
	}{
		// The source states 2.00 m3.
		"behind text": {waterBehindText, cjt188.Flow{Current: quantity(200, cjt188.CubicMetre), Settled: quantity(0, cjt188.CubicMetre)}},
		// The source states 12.00 m3 and ST 0200.
		"reserved valve": {waterValveReserved, cjt188.Flow{
			Current: quantity(1200, cjt188.CubicMetre), Settled: quantity(0, cjt188.CubicMetre), Status: cjt188.Status{0x02},
		}},
	} {
		r := reply(t, c.vector)
		if r.DI != cjt188.DIFlow || r.Order != cjt188.HighFirst {
			t.Errorf("%s: %v in order %v", name, r.DI, r.Order)
		}
		if got, err := decodeFlow(r.Values); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// A clock that is half set or turned round is an error that names it, and no
// time; the registers beside it are good.
func TestImpossibleTimeIsNamed(t *testing.T) {
	t.Parallel()
	for vector, current := range map[string]cjt188.Quantity{
		waterTimeHalfSet: quantity(60, cjt188.CubicMetre),
		waterTimeTurned:  quantity(17047, cjt188.Litre),
	} {
		got, err := decodeFlow(reply(t, vector).Values)
		f, ok := errors.AsType[*cjt188.FieldError](err)
		if !ok || f.Field != "time" || f.Offset != 13 || !errors.Is(err, cjt188.ErrDate) {
			t.Errorf("got %v", err)
		}
		if !got.Time.IsZero() || got.Current != current {
			t.Errorf("got %+v", got)
		}
	}
}

func TestPurchasesFromTheTables(t *testing.T) {
	t.Parallel()
	r := reply(t, purchaseReply)
	if r.DI != cjt188.DIPurchases || r.Order != cjt188.LowFirst || r.SER != 7 {
		t.Errorf("got %+v", r.Query)
	}
	p, err := decodePurchases(r.Values)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Volumes(cjt188.CreditVolume)
	want := meterproto.Purchases{
		Sequence:  5,
		Last:      meterproto.Volume{Litres: 50_000, Resolution: 10, Valid: true},
		Total:     meterproto.Volume{Litres: 1_250_000, Resolution: 10, Valid: true},
		Remaining: meterproto.Volume{Litres: 203_040, Resolution: 10, Valid: true},
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := p.Volumes(cjt188.CreditMoney); !errors.Is(err, cjt188.ErrCreditNoVolume) || got != (meterproto.Purchases{}) {
		t.Errorf("money became %+v, %v", got, err)
	}
	if _, err := p.Volumes(0); !errors.Is(err, cjt188.ErrCreditUnknown) {
		t.Errorf("unknown credit: %v", err)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	f, _, _, err := cjt188.Next(unhex(t, refusal))
	if err != nil {
		t.Fatal(err)
	}
	_, err = cjt188.DecodeReply(cjt188.ReadData, f)
	e, ok := errors.AsType[*cjt188.AbnormalError](err)
	if !ok || e.SER != 0x11 || e.Status.Valve() != cjt188.ValveClosed || !e.Status.BatteryLow() || !errors.Is(err, meterproto.ErrAbnormal) {
		t.Fatalf("got %v", err)
	}
	if !reflect.DeepEqual(e.Frame(f.Type, f.Address), f) {
		t.Errorf("written as %+v", e.Frame(f.Type, f.Address))
	}
	f.Data = f.Data[:2]
	if _, err := cjt188.DecodeReply(cjt188.ReadData, f); !errors.Is(err, cjt188.ErrMalformed) {
		t.Errorf("short refusal: %v", err)
	}
}

func TestHeatValuesAreAnotherLayout(t *testing.T) {
	t.Parallel()
	r := reply(t, heatRead)
	if len(r.Values) != 0x2E-3 {
		t.Fatalf("%d raw bytes", len(r.Values))
	}
	for _, decode := range []func([]byte) error{
		func(b []byte) error { _, err := decodeFlow(b); return err },
		func(b []byte) error { _, err := decodePurchases(b); return err },
	} {
		if err := decode(r.Values); !errors.Is(err, meterproto.ErrLayout) {
			t.Errorf("got %v", err)
		}
	}
}

func TestRequestMatchesTheVectors(t *testing.T) {
	t.Parallel()
	for vector, c := range map[string]struct {
		address string
		query   cjt188.Query
	}{
		gasRead:          {"00000000000003", cjt188.Query{DI: cjt188.DIFlow, Order: cjt188.LowFirst, SER: 0xFF}},
		purchaseRead[6:]: {"78010001234567", cjt188.Query{DI: cjt188.DIPurchases, Order: cjt188.LowFirst, SER: 5}},
	} {
		a, err := cjt188.ParseAddress(c.address)
		if err != nil {
			t.Fatal(err)
		}
		f := cjt188.ReadRequest(0x30, a, c.query)
		if b, err := f.AppendTo(nil); err != nil || string(b) != string(unhex(t, vector)) {
			t.Errorf("%v: got %X, %v", c, b, err)
		}
		if q, values, err := cjt188.DecodeRequest(cjt188.ReadData, f); err != nil || q != c.query || len(values) > 0 {
			t.Errorf("%v: read back as %+v, %v", c, q, err)
		}
		f.Control = cjt188.ReadData.Reply()
		if _, _, err := cjt188.DecodeRequest(cjt188.ReadData, f); !errors.Is(err, cjt188.ErrMalformed) {
			t.Errorf("an answer taken for a request: %v", err)
		}
	}
}

// The unit's step and the cut below a litre, both from the unit table.
func TestVolumeOfEachUnit(t *testing.T) {
	t.Parallel()
	for unit, want := range map[cjt188.Unit]meterproto.Volume{
		0x29: {Litres: 123_456, Resolution: 1, Valid: true},
		0x2A: {Litres: 1_234_567, Resolution: 1, Valid: true},
		0x2B: {Litres: 12_345_678, Resolution: 1, Valid: true},
		0x2C: {Litres: 123_456_780, Resolution: 10, Valid: true},
		0x2D: {Litres: 1_234_567_800, Resolution: 100, Valid: true},
		0x2E: {Litres: 12_345_678_000, Resolution: 1000, Valid: true},
	} {
		if got, err := quantity(12_345_678, unit).Volume(); err != nil || got != want {
			t.Errorf("%02X: got %+v, %v", byte(unit), got, err)
		}
	}
	for _, unit := range []cjt188.Unit{0x00, 0x05, 0x28, 0x2F, 0x35, 0xFF} {
		got, err := quantity(1, unit).Volume()
		if _, ok := errors.AsType[*cjt188.UnitError](err); !ok || got != (meterproto.Volume{}) {
			t.Errorf("%02X: got %+v, %v", byte(unit), got, err)
		}
	}
}

// flowValues is a good answer that a test then spoils.
func flowValues(t *testing.T) []byte {
	t.Helper()
	b, err := cjt188.Flow{
		Current: quantity(12345, cjt188.CubicMetre), Settled: quantity(12000, cjt188.CubicMetre),
		Time: time.Date(2024, 2, 29, 15, 59, 59, 0, time.UTC), Status: cjt188.NewStatus(cjt188.ValveOpen, false),
	}.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNoValueIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, x := range []byte{0x99, 0xFF} {
		b := flowValues(t)
		copy(b, []byte{x, x, x, x})
		got, err := decodeFlow(b)
		if err != nil || got.Current.Valid || got.Current.Hundredths != 0 || !got.Settled.Valid {
			t.Errorf("%02X: got %+v, %v", x, got, err)
		}
		if v, err := got.Current.Volume(); err != nil || v != (meterproto.Volume{}) {
			t.Errorf("%02X: volume %+v, %v", x, v, err)
		}
	}
}

func TestWireTimeIsBeijingTime(t *testing.T) {
	t.Parallel()
	b := flowValues(t)
	// 2024-02-29 15:59:59 UTC, lowest byte first, in UTC+8.
	if got, want := string(b[10:17]), "\x59\x59\x23\x29\x02\x24\x20"; got != want {
		t.Errorf("got %X, want %X", got, want)
	}
	for _, x := range []byte{0x00, 0xFF} {
		for i := 10; i < 17; i++ {
			b[i] = x
		}
		if got, err := decodeFlow(b); err != nil || !got.Time.IsZero() {
			t.Errorf("%02X: got %v, %v", x, got.Time, err)
		}
	}
}

func TestBadFieldIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at     int
		b      byte
		field  string
		offset int
	}{
		"digit in current":   {2, 0x1A, "current cumulative flow", 3},
		"unit of current":    {4, 0x05, "current cumulative flow", 3},
		"digit in settled":   {5, 0xA0, "settlement-day cumulative flow", 8},
		"half no value":      {5, 0xFF, "settlement-day cumulative flow", 8},
		"digit in time":      {12, 0x2B, "time", 13},
		"hour 24":            {12, 0x24, "time", 13},
		"second 60":          {10, 0x60, "time", 13},
		"day 30 of February": {13, 0x30, "time", 13},
		"day 0":              {13, 0x00, "time", 13},
		"month 13":           {14, 0x13, "time", 13},
		"no 29th in 2023":    {15, 0x23, "time", 13},
	} {
		b := flowValues(t)
		b[c.at] = c.b
		_, err := decodeFlow(b)
		f, ok := errors.AsType[*cjt188.FieldError](err)
		if !ok || f.Field != c.field || f.Offset != c.offset {
			t.Errorf("%s: got %v", name, err)
		}
	}
	b := flowValues(t)
	b[12] = 0x2B
	_, err := decodeFlow(b)
	if d, ok := errors.AsType[*bcd.DigitError](err); !ok || d.Offset != 2 || d.Byte != 0x2B {
		t.Errorf("got %v", err)
	}
}

func TestValveOfTheStatus(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for s, want := range map[cjt188.Status]*bool{{0}: &yes, {1}: &no, {2}: nil, {3}: nil, {0xFC, 0xFF}: &yes} {
		got := s.ValveIsOpen()
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%v: got %v", s, got)
		}
	}
	if s := cjt188.NewStatus(cjt188.ValveClosed, true); s.String() != "0500" {
		t.Errorf("got %v", s)
	}
}

func TestNumbersThatDoNotFit(t *testing.T) {
	t.Parallel()
	// 99999999 would be read back as "no value".
	for _, n := range []uint32{99_999_999, 100_000_000} {
		bad := quantity(n, cjt188.CubicMetre)
		for _, flow := range []cjt188.Flow{{Current: bad}, {Settled: bad}} {
			if b, err := flow.AppendTo([]byte{1}); err == nil || len(b) != 1 {
				t.Errorf("%d: got %X, %v", n, b, err)
			}
		}
		if b, err := (cjt188.Purchases{Remaining: bad.Digits}).AppendTo([]byte{1}); err == nil || len(b) != 1 {
			t.Errorf("%d: got %X, %v", n, b, err)
		}
	}
	late := cjt188.Flow{Time: time.Date(9999, 12, 31, 16, 0, 0, 0, time.UTC)}
	if b, err := late.AppendTo(nil); !errors.Is(err, cjt188.ErrDate) || b != nil {
		t.Errorf("year 10000: got %X, %v", b, err)
	}
}
