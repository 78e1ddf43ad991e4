package cjt188_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// fieldMeter draws what a real heat meter says: warm water, registers that are not
// near their end, a clock of this century that can be read one way only.
func fieldMeter(t *rapid.T) *cjt188.Heat {
	number := func(name string, from, to uint32) cjt188.Digits {
		return cjt188.Digits{Hundredths: rapid.Uint32Range(from, to).Draw(t, name), Valid: true}
	}
	warm := func(name string) cjt188.Digits { // 20.10 to 99.99: no temperature the other way round
		return cjt188.Digits{Hundredths: rapid.Uint32Range(20, 99).Draw(t, name)*100 + rapid.Uint32Range(10, 99).Draw(t, name), Valid: true}
	}
	energy := rapid.SampledFrom(energies).Draw(t, "energy unit")
	return &cjt188.Heat{
		Settled: cjt188.Quantity{Digits: number("settled", 0, 999_999), Unit: energy},
		Energy:  cjt188.Quantity{Digits: number("energy", 0, 999_999), Unit: energy},
		Power:   cjt188.Quantity{Digits: number("power", 0, 999_999), Unit: cjt188.Kilowatt},
		Flow:    cjt188.Rate{TenThousandths: rapid.Uint32Range(0, 999_999).Draw(t, "flow"), Valid: true, Unit: cjt188.CubicMetrePerHour},
		Volume:  cjt188.Quantity{Digits: number("volume", 0, 999_999), Unit: cjt188.CubicMetre},
		Supply:  warm("supply"), Return: warm("return"),
		Hours: cjt188.Count{N: 1234, Valid: true},
		Time: time.Date(2013+rapid.IntRange(0, 10).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			rapid.IntRange(1, 28).Draw(t, "day"), 4, 30, 45, 0, time.UTC),
	}
}

// A meter of any layout that was seen in the field is read as what it says, by
// nothing but its frame.
func TestLayoutIsFoundByEvidence(t *testing.T) {
	t.Parallel()
	layouts := []cjt188.Layout{
		{}, {TimeHighFirst: true}, {UnitFirst: true}, {UnitFirst: true, TimeHighFirst: true},
		{HighFirst: true, TimeHighFirst: true}, {HighFirst: true, TimeHighFirst: true, UnitFirst: true},
	}
	rapid.Check(t, func(t *rapid.T) {
		heat := fieldMeter(t)
		l := rapid.SampledFrom(layouts).Draw(t, "layout")
		l.Plus33 = rapid.Bool().Draw(t, "+33H")
		values, err := cjt188.AppendValues(nil, heat, l)
		if err != nil {
			t.Fatal(err)
		}
		f := cjt188.Reply{Query: cjt188.Query{DI: cjt188.DIFlow, SER: 9}, Values: values}.Frame(0x20, cjt188.Address{1})
		l.Shift(f.Data)
		c := cjt188.ReadByEvidence(f)
		if c.Layout != l || c.DI != cjt188.DIFlow || c.SER != 9 || c.Err != nil || !reflect.DeepEqual(c.Message, cjt188.Message(heat)) {
			t.Fatalf("%X in layout %v was read as %+v in %v, %v", values, l, c.Message, c.Layout, c.Err)
		}
	})
}

func TestLayoutsOfOthers(t *testing.T) {
	t.Parallel()
	for vector, want := range map[string]string{
		heatRead: "standard", waterTimeTurned: "BEtime", heatUnitFirst: "unit-first", heatHighFirst: "BE", waterTimeHalfSet: "standard",
	} {
		if _, c := read(t, vector); c.Layout.String() != want {
			t.Errorf("%s: layout %v, want %s", vector, c.Layout, want)
		}
	}
}

// A clock that proves no more than itself turns no register round: only digits that
// run over do. What the other order says is named wherever it is another number.
func TestNumbersOfAModelThatTurnsItsClock(t *testing.T) {
	t.Parallel()
	clock, both := cjt188.Layout{TimeHighFirst: true}, cjt188.Layout{TimeHighFirst: true, HighFirst: true}
	for name, c := range map[string]struct {
		hundredths uint32
		written    cjt188.Layout
		others     []cjt188.Layout
	}{
		"only the clock":  {17047, clock, []cjt188.Layout{both}}, // 47700100 the other way round
		"all":             {17047, both, []cjt188.Layout{clock}},
		"it may be both":  {1200, clock, []cjt188.Layout{both}},
		"large":           {1_234_500, clock, []cjt188.Layout{both}}, // 12345.00 m³, not 4523.01
		"nearly over":     {9_999_998, clock, []cjt188.Layout{both}},
		"it is the same":  {0, clock, nil},
		"nothing is said": {17047, cjt188.Layout{}, nil},
	} {
		flow := &cjt188.Flow{Current: quantity(c.hundredths, cjt188.CubicMetre), Settled: quantity(0, cjt188.CubicMetre), Time: time.Date(2020, 5, 28, 12, 58, 24, 0, time.UTC)}
		values, err := cjt188.AppendValues(nil, flow, c.written)
		if err != nil {
			t.Fatal(err)
		}
		got := evidence(values)
		if got.Layout != c.written || !reflect.DeepEqual(got.Message, cjt188.Message(flow)) || !slices.Equal(got.Others, c.others) {
			t.Errorf("%s: %+v in %v, or in %v", name, got.Message, got.Layout, got.Others)
		}
	}
}

// evidence is what a frame with these values under 901F proves.
func evidence(values []byte) cjt188.Content {
	return cjt188.ReadByEvidence(cjt188.Reply{Query: cjt188.Query{DI: cjt188.DIFlow}, Values: values}.Frame(0x10, cjt188.Address{1}))
}

// A meter of the standard whose clock broke, so that it makes sense the other way
// round only, keeps its register: 12345.00 m³, with 4523.01 as a doubt.
func TestBrokenClockTurnsNoRegister(t *testing.T) {
	t.Parallel()
	c := evidence(unhex(t, "004523012C"+"000000002C"+"20200105132020"+"0000"))
	flow, ok := c.Message.(*cjt188.Flow)
	if !ok || flow.Current != quantity(1_234_500, cjt188.CubicMetre) || len(c.Others) != 1 || !c.Others[0].HighFirst {
		t.Errorf("%+v in %v, or in %v", c.Message, c.Layout, c.Others)
	}
}

// A temperature proves the order of a register, whatever its digits are: none is left in doubt.
func TestTemperatureProvesTheOrder(t *testing.T) {
	t.Parallel()
	kWh, warm := quantity(1_234_500, cjt188.KilowattHour), cjt188.Digits{Hundredths: 1845, Valid: true}
	heat := &cjt188.Heat{
		Settled: kWh, Energy: kWh, Power: quantity(0, cjt188.Kilowatt), Flow: cjt188.Rate{Valid: true, Unit: cjt188.CubicMetrePerHour},
		Volume: kWh, Supply: warm, Return: warm, Time: time.Date(2020, 5, 28, 12, 58, 24, 0, time.UTC),
	}
	heat.Volume.Unit = cjt188.CubicMetre
	for _, l := range []cjt188.Layout{{TimeHighFirst: true}, {TimeHighFirst: true, HighFirst: true}} {
		values, err := cjt188.AppendValues(nil, heat, l)
		if err != nil {
			t.Fatal(err)
		}
		if c := evidence(values); c.Layout != l || !reflect.DeepEqual(c.Message, cjt188.Message(heat)) || c.Others != nil {
			t.Errorf("%v: %+v in %v, or in %v", l, c.Message, c.Layout, c.Others)
		}
	}
}

// A clock that is one of this century either way is read as the standard has it,
// and the doubt is said.
func TestClockThatReadsBothWays(t *testing.T) {
	t.Parallel()
	f := cjt188.Request(cjt188.WriteData, 0x10, cjt188.Address{1}, cjt188.Query{DI: cjt188.DISetTime}, []byte{0x20, 0x05, 0x04, 0x03, 0x02, 0x01, 0x20})
	c := cjt188.ReadByEvidence(f)
	if got := c.Message.(*cjt188.Clock).Time.Add(cjt188.ZoneOffset).Format(time.DateTime); got != "2001-02-03 04:05:20" || len(c.Others) == 0 || c.Others[0] != (cjt188.Layout{TimeHighFirst: true}) {
		t.Errorf("%s, others %v", got, c.Others)
	}
}

// What means something as it stands is not shifted, nor is what a vendor sends.
func TestShiftNeedsAnIdentifierThatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		control cjt188.Control
		di      [2]byte
		shifted bool
	}{
		"901F and 33H":             {0x01, [2]byte{0xC3, 0x52}, true},
		"D343, which is A010, too": {0x01, [2]byte{0xD3, 0x43}, false},
		"A014 and 33H, written":    {0x04, [2]byte{0xD3, 0x47}, true}, // no freeze of 2018: those are only read
		"A014 and 33H, low first":  {0x04, [2]byte{0x47, 0xD3}, true},
		"A013 and 33H, low first":  {0x04, [2]byte{0x46, 0xD3}, true},
		"A017 and 33H, low first":  {0x04, [2]byte{0x4A, 0xD3}, true},
		"A107 and 33H, low first":  {0x04, [2]byte{0x3A, 0xD4}, true},
		"D347, read":               {0x01, [2]byte{0x47, 0xD3}, false},
		"a vendor's":               {0x21, [2]byte{0xC3, 0x52}, false},
		"nothing either way":       {0x01, [2]byte{0x12, 0x34}, false},
	} {
		f := cjt188.Frame{Control: c.control, Data: []byte{c.di[0], c.di[1], 0x34}}
		if got := cjt188.ReadByEvidence(f); got.Layout.Plus33 != c.shifted {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A refusal is SER and ST, even where these three bytes less 33H would be a month's
// identifier: SER 53H to 5EH of a meter whose battery is low.
func TestRefusalIsNotShifted(t *testing.T) {
	t.Parallel()
	for ser := range 256 {
		f := cjt188.Frame{Control: 0xC4, Data: []byte{byte(ser), 0x04, 0x08}}
		c := cjt188.ReadByEvidence(f)
		status, ok := c.Message.(*cjt188.Status)
		if !ok || *status != (cjt188.Status{0x04, 0x08}) || c.SER != byte(ser) || c.Layout.Plus33 {
			t.Errorf("SER %02X: %+v", ser, c)
		}
	}
}

// Of values that are packed in the model's own way only time and status are
// believed; the source says 321.1649 kWh where the standard's layout has 3.21.
func TestPackedValuesStayRaw(t *testing.T) {
	t.Parallel()
	f, c := read(t, heatPacked)
	if c.Message != nil || string(c.Rest) != string(f.Data[3:]) || !errors.Is(c.Err, meterproto.ErrLayout) {
		t.Errorf("got %+v", c)
	}
	if len(c.Items) != 2 || c.Items[0].Register.Time != time.Date(2010, 12, 27, 7, 30, 7, 0, time.UTC) || c.Items[1].Field.Key != "ST" {
		t.Errorf("got %+v", c.Items)
	}
}

// A large register, or a clock of another century, does not turn the layout round.
func TestStandardLayoutWinsInDoubt(t *testing.T) {
	t.Parallel()
	big := quantity(12_000_000, cjt188.CubicMetre) // 00 00 00 12 on the wire: 0.12 the other way round
	for name, at := range map[string]time.Time{
		"no clock": {}, "this century": time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), "another": time.Date(1999, 5, 6, 7, 8, 9, 0, time.UTC),
	} {
		flow := &cjt188.Flow{Current: big, Settled: big, Time: at}
		values, err := cjt188.AppendValues(nil, flow, cjt188.Layout{})
		if err != nil {
			t.Fatal(err)
		}
		f := cjt188.Reply{Query: cjt188.Query{DI: cjt188.DIFlow}, Values: values}.Frame(0x10, cjt188.Address{1})
		if c := cjt188.ReadByEvidence(f); c.Layout != (cjt188.Layout{}) || !reflect.DeepEqual(c.Message, cjt188.Message(flow)) {
			t.Errorf("%s: %+v in %v", name, c.Message, c.Layout)
		}
	}
}

// Where the clock is not set only temperatures tell the order of bytes, and where
// there are none nothing does: no doubt is said of which nothing speaks.
func TestLayoutWithoutAClock(t *testing.T) {
	t.Parallel()
	warm := cjt188.Digits{Hundredths: 1845, Valid: true}
	kWh := quantity(1234, cjt188.KilowattHour)
	heat := &cjt188.Heat{
		Settled: kWh, Energy: kWh, Power: quantity(0, cjt188.Kilowatt), Flow: cjt188.Rate{Valid: true, Unit: cjt188.CubicMetrePerHour},
		Volume: quantity(1200, cjt188.CubicMetre), Supply: warm, Return: warm,
	}
	water := &cjt188.Flow{Current: quantity(1200, cjt188.CubicMetre), Settled: quantity(1200, cjt188.CubicMetre)}
	turned := cjt188.Layout{HighFirst: true, TimeHighFirst: true}
	for name, c := range map[string]struct {
		m    cjt188.Message
		l    cjt188.Layout
		want cjt188.Layout
	}{
		"heat": {heat, cjt188.Layout{}, cjt188.Layout{}}, "heat, turned": {heat, turned, turned}, "water": {water, cjt188.Layout{}, cjt188.Layout{}},
	} {
		values, err := cjt188.AppendValues(nil, c.m, c.l)
		if err != nil {
			t.Fatal(err)
		}
		got := cjt188.ReadByEvidence(cjt188.Reply{Query: cjt188.Query{DI: cjt188.DIFlow}, Values: values}.Frame(0x20, cjt188.Address{1}))
		if got.Layout != c.want || !reflect.DeepEqual(got.Message, c.m) || got.Others != nil {
			t.Errorf("%s: %+v in %v, or in %v", name, got.Message, got.Layout, got.Others)
		}
	}
}

// A layout in which a field is wrong is no other way to read a frame.
func TestNoDoubtAmongWrongLayouts(t *testing.T) {
	t.Parallel()
	q := cjt188.Query{DI: cjt188.DISetBase}
	c := cjt188.ReadByEvidence(cjt188.Request(cjt188.WriteSync, 0x30, cjt188.Address{3}, q, []byte{0x78, 0x56, 0x34, 0x12, 0x00}))
	if c.Layout != (cjt188.Layout{}) || c.Others != nil || len(c.Items) != 1 || c.Items[0].Register.State != meterproto.Invalid {
		t.Errorf("got %+v", c)
	}
}

func TestLayoutNames(t *testing.T) {
	t.Parallel()
	for want, l := range map[string]cjt188.Layout{
		"standard": {}, "unit-first": {UnitFirst: true}, "BE": {HighFirst: true, TimeHighFirst: true}, "BEtime": {TimeHighFirst: true},
		"BEvalues": {HighFirst: true}, "+33H unit-first BEtime": {Plus33: true, UnitFirst: true, TimeHighFirst: true},
	} {
		if got := l.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
