package cjt188_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

func genLayout(t *rapid.T) cjt188.Layout {
	return cjt188.Layout{
		UnitFirst: rapid.Bool().Draw(t, "unit first"), HighFirst: rapid.Bool().Draw(t, "high first"),
		TimeHighFirst: rapid.Bool().Draw(t, "time high first"),
	}
}

func genNumber(t *rapid.T, most uint32) (uint32, bool) {
	if !rapid.Bool().Draw(t, "valid") {
		return 0, false
	}
	return rapid.Uint32Range(0, most-1).Draw(t, "number"), true // most itself is "no value"
}

func genDigits(t *rapid.T, most uint32) (d cjt188.Digits) {
	d.Hundredths, d.Valid = genNumber(t, most)
	return d
}

func genCount(t *rapid.T, most uint32) (c cjt188.Count) {
	c.N, c.Valid = genNumber(t, most)
	return c
}

func genQuantity(t *rapid.T, units ...cjt188.Unit) cjt188.Quantity {
	return cjt188.Quantity{Digits: genDigits(t, 99_999_999), Unit: rapid.SampledFrom(units).Draw(t, "unit")}
}

func genRate(t *rapid.T) (r cjt188.Rate) {
	r.TenThousandths, r.Valid = genNumber(t, 99_999_999)
	r.Unit = rapid.SampledFrom([]cjt188.Unit{0x32, 0x33, 0x34, 0x35, 0x36, 0x37}).Draw(t, "unit")
	return r
}

func genTime(t *rapid.T) time.Time {
	if s := rapid.Int64Range(0, 9_000_000_000).Draw(t, "time"); s > 0 {
		return time.Unix(s, 0).UTC()
	}
	return time.Time{}
}

func genStatus(t *rapid.T) cjt188.Status {
	return cjt188.Status{rapid.Byte().Draw(t, "st0"), rapid.Byte().Draw(t, "st1")}
}

func genDay(t *rapid.T) byte { return rapid.ByteRange(1, 31).Draw(t, "day") }

var (
	volumes  = []cjt188.Unit{0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E}
	energies = []cjt188.Unit{0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x0A, 0x0B, 0x0E, 0x11, 0x13}
	powers   = []cjt188.Unit{0x14, 0x17, 0x1A, 0x1C, 0x40, 0x43, 0x46, 0x49, 0x4B}
)

// genMessage draws any message, and gives an empty one of its kind.
func genMessage(t *rapid.T) (m, empty cjt188.Message) {
	const amounts, prices, counts, temps = 99_999_999, 999_999, 999_999, 999_999
	prices3 := func() cjt188.Prices {
		return cjt188.Prices{
			Price1: genDigits(t, prices), Price2: genDigits(t, prices), Price3: genDigits(t, prices),
			Volume1: genCount(t, counts), Volume2: genCount(t, counts),
		}
	}
	op := cjt188.ValveOp(rapid.Byte().Draw(t, "op"))
	status := genStatus(t)
	switch rapid.IntRange(0, 19).Draw(t, "kind") {
	case 0:
		return &cjt188.Flow{Current: genQuantity(t, volumes...), Settled: genQuantity(t, volumes...), Time: genTime(t), Status: genStatus(t)}, new(cjt188.Flow)
	case 1:
		return &cjt188.Heat{
			Settled: genQuantity(t, energies...), Energy: genQuantity(t, energies...), Power: genQuantity(t, powers...),
			Flow: genRate(t), Volume: genQuantity(t, volumes...), Supply: genDigits(t, temps), Return: genDigits(t, temps),
			Hours: genCount(t, counts), Time: genTime(t), Status: genStatus(t),
		}, new(cjt188.Heat)
	case 2:
		return &cjt188.Heat2018{
			Settled: genQuantity(t, energies...), Energy: genQuantity(t, energies...), Power: cjt188.Short{1, 2, 3, 0x17},
			Flow: cjt188.Short{9, 9, 9, 0x35}, Volume: genQuantity(t, volumes...), Supply: genDigits(t, 9_999), Return: genDigits(t, 9_999),
			Hours: genCount(t, 99_999_999), Time: genTime(t), Status: genStatus(t),
		}, new(cjt188.Heat2018)
	case 3:
		return &cjt188.HeatCold{
			SettledHeat: genQuantity(t, energies...), SettledCold: genQuantity(t, energies...), Heat: genQuantity(t, energies...),
			Cold: genQuantity(t, energies...), Volume: genQuantity(t, volumes...), Supply: genDigits(t, 9_999), Return: genDigits(t, 9_999),
			Pressures: [4]byte{1, 2, 3, 4}, Hours: genCount(t, 99_999_999), Time: genTime(t), Status: genStatus(t),
		}, new(cjt188.HeatCold)
	case 4:
		return &cjt188.Settlement{Register: genQuantity(t, append(volumes, energies...)...)}, new(cjt188.Settlement)
	case 5:
		return &cjt188.HeatSettlement{Heat: genQuantity(t, energies...), Cold: genQuantity(t, energies...), Volume: genQuantity(t, volumes...)},
			new(cjt188.HeatSettlement)
	case 6:
		return &cjt188.Freeze{
			Time: genTime(t), Volume: genQuantity(t, volumes...), Flow: genRate(t), Temperature: genDigits(t, temps), Pressure: [3]byte{1, 2, 3},
		}, new(cjt188.Freeze)
	case 7:
		return &cjt188.Purchases{
			Sequence: rapid.Byte().Draw(t, "sequence"), Last: genDigits(t, amounts), Total: genDigits(t, amounts),
			Remaining: genDigits(t, amounts), Status: genStatus(t),
		}, new(cjt188.Purchases)
	case 8:
		return &cjt188.Purchase{Sequence: rapid.Byte().Draw(t, "sequence"), Amount: genDigits(t, amounts)}, new(cjt188.Purchase)
	case 9:
		p := prices3()
		return &p, new(cjt188.Prices)
	case 10:
		return &cjt188.NewPrices{Prices: prices3(), StartDay: genDay(t)}, new(cjt188.NewPrices)
	case 11:
		return &cjt188.SettlementDay{Day: genDay(t)}, new(cjt188.SettlementDay)
	case 12:
		return &cjt188.ReadingDay{Day: genDay(t)}, new(cjt188.ReadingDay)
	case 13:
		return &cjt188.Clock{Time: genTime(t)}, new(cjt188.Clock)
	case 14:
		return &cjt188.Base{Register: genQuantity(t, volumes...)}, new(cjt188.Base)
	case 15:
		return &op, new(cjt188.ValveOp)
	case 16:
		return &cjt188.NewAddress{Address: cjt188.Address{1, 2, 3, 4, 5, 6, 7}}, new(cjt188.NewAddress)
	case 17:
		return &cjt188.NewKey{Version: rapid.Byte().Draw(t, "version"), Key: firstKey()}, new(cjt188.NewKey)
	case 18:
		return &status, new(cjt188.Status)
	}
	return &cjt188.KeyVersion{Version: rapid.Byte().Draw(t, "version")}, new(cjt188.KeyVersion)
}

func TestEveryMessageSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, back := genMessage(t)
		l := genLayout(t)
		values, err := cjt188.AppendValues([]byte{0xEE}, m, l)
		if err != nil || values[0] != 0xEE {
			t.Fatalf("%T: %X, %v", m, values, err)
		}
		values = values[1:]
		if err := cjt188.DecodeValues(values, back, l); err != nil || !reflect.DeepEqual(m, back) {
			t.Fatalf("%T: %+v came back as %+v, %v", m, m, back, err)
		}
		for _, other := range [][]byte{values[:len(values)-1], append(bytes.Clone(values), 0)} {
			if err := cjt188.DecodeValues(other, back, l); !errors.Is(err, meterproto.ErrLayout) {
				t.Fatalf("%T in %d bytes: %v", m, len(other), err)
			}
		}
	})
}

// exchanges are every request and answer that the tables give a layout (§3, §4,
// §7), with the length L that they print.
var exchanges = []struct {
	control cjt188.Control
	di      cjt188.DI
	l       int
	kind    cjt188.Message
}{
	{0x81, 0x901F, 0x16, new(cjt188.Flow)},
	{0x81, 0x901F, 0x2E, new(cjt188.Heat)},
	{0x81, 0x901F, 0x2B, new(cjt188.Heat2018)},
	{0x81, 0x911F, 0x39, new(cjt188.HeatCold)},
	{0x81, 0xD120, 0x08, new(cjt188.Settlement)},
	{0x81, 0xD12B, 0x08, new(cjt188.Settlement)},
	{0x81, 0xD2FF, 0x08, new(cjt188.Settlement)},
	{0x81, 0xD200, 0x12, new(cjt188.HeatSettlement)},
	{0x81, 0xD300, 0x1A, new(cjt188.Freeze)},
	{0x81, 0xD4FF, 0x1A, new(cjt188.Freeze)},
	{0x81, 0x8102, 0x12, new(cjt188.Prices)},
	{0x81, 0x8103, 0x04, new(cjt188.SettlementDay)},
	{0x81, 0x8104, 0x04, new(cjt188.ReadingDay)},
	{0x81, 0x8105, 0x12, new(cjt188.Purchases)},
	{0x89, 0x8106, 0x04, new(cjt188.KeyVersion)},
	{0x04, 0xA010, 0x13, new(cjt188.NewPrices)},
	{0x84, 0xA010, 0x05, new(cjt188.Status)},
	{0x04, 0xA011, 0x04, new(cjt188.SettlementDay)},
	{0x04, 0xA012, 0x04, new(cjt188.ReadingDay)},
	{0x04, 0xA013, 0x08, new(cjt188.Purchase)},
	{0x84, 0xA013, 0x08, new(cjt188.Purchase)},
	{0x04, 0xA014, 0x0C, new(cjt188.NewKey)},
	{0x84, 0xA014, 0x04, new(cjt188.KeyVersion)},
	{0x04, 0xA015, 0x0A, new(cjt188.Clock)},
	{0x16, 0xA016, 0x08, new(cjt188.Base)},
	{0x96, 0xA016, 0x05, new(cjt188.Status)},
	{0x04, 0xA017, 0x04, new(cjt188.ValveOp)},
	{0x84, 0xA017, 0x05, new(cjt188.Status)},
	{0x15, 0xA018, 0x0A, new(cjt188.NewAddress)},
}

// Every message that the tables have goes over the line as a frame, in the layout of
// a model, and is known again by what the frame says of it.
func TestEveryExchangeSurvivesTheLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, _ := genMessage(t)
		var fit []int
		for i, x := range exchanges {
			if reflect.TypeOf(x.kind) == reflect.TypeOf(m) {
				fit = append(fit, i)
			}
		}
		x := exchanges[rapid.SampledFrom(fit).Draw(t, "exchange")]
		l := genLayout(t)
		l.Plus33 = rapid.Bool().Draw(t, "+33H")
		values, err := cjt188.AppendValues(nil, m, l)
		if err != nil {
			t.Fatal(err)
		}
		q := cjt188.Query{DI: x.di, Order: cjt188.DIOrder(rapid.ByteRange(0, 1).Draw(t, "order")), SER: rapid.Byte().Draw(t, "ser")}
		f := cjt188.Request(x.control, 0x30, cjt188.Address{1}, q, values)
		l.Shift(f.Data)
		b, err := f.AppendTo([]byte{0xFE, 0xFE})
		if err != nil {
			t.Fatal(err)
		}
		got, skipped, rest, err := cjt188.Next(b)
		if err != nil || skipped != 2 || len(rest) != 0 {
			t.Fatalf("%X: %d, %X, %v", b, skipped, rest, err)
		}
		c := cjt188.Read(got, l)
		if c.Query != q || c.Err != nil || len(c.Rest) > 0 || !reflect.DeepEqual(c.Message, m) {
			t.Fatalf("%X: %v %+v was read as %+v, %v", b, q, m, c, c.Err)
		}
	})
}

// silent are those that carry no values.
var silent = []struct {
	control cjt188.Control
	di      cjt188.DI
}{
	{0x01, 0x901F}, {0x01, 0x8105}, {0x09, 0x8106}, {0x03, 0x810A}, {0x83, 0x810A}, {0x84, 0xA011}, {0x84, 0xA012}, {0x84, 0xA015},
	{0x95, 0xA018}, {0x04, 0xA019}, {0x84, 0xA019},
}

func TestLengthsOfTheTables(t *testing.T) {
	t.Parallel()
	for _, x := range exchanges {
		m := cjt188.MessageOf(x.control, x.di, x.l-3)
		if reflect.TypeOf(m) != reflect.TypeOf(x.kind) {
			t.Errorf("%v %v, L %02X: %T, want %T", x.control, x.di, x.l, m, x.kind)
			continue
		}
		if err := cjt188.DecodeValues(make([]byte, x.l-3), m, cjt188.Layout{}); errors.Is(err, meterproto.ErrLayout) {
			t.Errorf("%v %v: %v", x.control, x.di, err)
		}
	}
	for _, x := range silent {
		if m := cjt188.MessageOf(x.control, x.di, 0); m != nil {
			t.Errorf("%v %v: %T", x.control, x.di, m)
		}
	}
	for _, c := range []cjt188.Control{0x21, 0xA1, 0x2A, 0xC1, 0xC4} {
		if m := cjt188.MessageOf(c, cjt188.DIFlow, 19); m != nil {
			t.Errorf("%v: %T", c, m)
		}
	}
}

// FuzzValues: whatever the bytes, what is read and written is read again as the
// same values, in every layout.
func FuzzValues(f *testing.F) {
	for i, x := range exchanges {
		f.Add(byte(i), byte(i), make([]byte, x.l-3))
	}
	for _, v := range []string{waterBehindText, purchaseReply, waterTimeHalfSet, heatRead} {
		f.Add(byte(0), byte(0), reply(f, v).Values)
	}
	f.Fuzz(func(t *testing.T, kind, layout byte, values []byte) {
		x := exchanges[int(kind)%len(exchanges)]
		l := cjt188.Layout{UnitFirst: layout&1 != 0, HighFirst: layout&2 != 0, TimeHighFirst: layout&4 != 0}
		m := reflect.New(reflect.TypeOf(x.kind).Elem()).Interface().(cjt188.Message)
		if err := cjt188.DecodeValues(values, m, l); err != nil {
			return
		}
		b, err := cjt188.AppendValues(nil, m, l)
		again := reflect.New(reflect.TypeOf(x.kind).Elem()).Interface().(cjt188.Message)
		if err2 := cjt188.DecodeValues(b, again, l); err != nil || err2 != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("%X: %+v became %+v, %v, %v", values, m, again, err, err2)
		}
	})
}
