package dlt645

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto"
)

func tables() map[string][]Item {
	return map[string][]Item{
		"energies": energies, "demands": demands, "variables": variables, "events": events, "parameters": parameters,
		"freezes": freezes, "1997": items97,
	}
}

func editionOf(table string) Edition {
	if table == "1997" {
		return Of1997
	}
	return Of2007
}

// genCode draws an identifier of an item, a block now and then.
func genCode(t *rapid.T, it *Item) uint32 {
	code := it.code
	blocked := false
	for _, p := range it.vary.parts {
		v := uint32(rapid.Uint8Range(p.low, p.high).Draw(t, "part"))
		if p.block && !blocked && rapid.Bool().Draw(t, "block") {
			v, blocked = p.ones(), true
		}
		code |= v << p.shift
	}
	return code
}

// Every row is sound: it is found under its own identifiers, its mask is its
// parts', and no other row of the same length takes them.
func TestTables(t *testing.T) {
	t.Parallel()
	for name, table := range tables() {
		for i := range table {
			it := &table[i]
			mask := uint32(0)
			for _, p := range it.vary.parts {
				mask |= p.ones() << p.shift
			}
			if mask != it.vary.mask || it.code&mask != 0 || it.Name == "" || len(it.Fields) == 0 {
				t.Errorf("%s: %q %08X: mask %08X, want %08X", name, it.Name, it.code, it.vary.mask, mask)
			}
			for _, f := range it.Fields {
				checkField(t, it.Name, f)
			}
		}
		rapid.Check(t, func(t *rapid.T) {
			it := &table[rapid.IntRange(0, len(table)-1).Draw(t, "row")]
			code := genCode(t, it)
			if got, _, _ := find(DI{editionOf(name), code}, it.size()); got != it {
				t.Fatalf("%s: %08X is %q, want %q", name, code, got.Name, it.Name)
			}
		})
	}
}

func checkField(t *testing.T, name string, f Field) {
	t.Helper()
	quantity := f.Form == Unsigned || f.Form == Signed
	switch {
	case f.Size == 0, f.Form == Clock && len(f.Layout) != int(f.Size), f.Form != Clock && f.Layout != "", quantity && f.Size > 8:
		t.Errorf("%s: %+v", name, f)
	case quantity == (f.Kind == meterproto.OfInstant || f.Kind == meterproto.OfText || f.Kind == meterproto.OfIdentity || f.Kind == meterproto.OfStatus):
		t.Errorf("%s: kind %v in form %v", name, f.Kind, f.Form)
	}
}

// genRegister draws a register that the field can hold.
func genRegister(t *rapid.T, f Field) meterproto.Register {
	r := meterproto.Register{Kind: f.Kind, Unit: f.Unit}
	if rapid.IntRange(0, 9).Draw(t, "none") == 0 {
		r.State = meterproto.NoValue
		return r
	}
	most := int64(1)
	for range f.Size * 2 {
		most *= 10
	}
	switch f.Form {
	case Unsigned:
		r.Value = meterproto.Decimal{Digits: rapid.Int64Range(0, most-2).Draw(t, "digits"), Scale: f.Scale}
	case Signed:
		most = most / 10 * 8
		r.Value = meterproto.Decimal{Digits: rapid.Int64Range(-most+1, most-1).Draw(t, "digits"), Scale: f.Scale}
	case Clock:
		r.Time = genClock(t, f.Layout)
	default:
		r.Raw = rapid.SliceOfN(rapid.ByteRange(0, 9), int(f.Size), int(f.Size)).Draw(t, "raw")
	}
	return r
}

// genClock draws a time that a layout can tell.
func genClock(t *rapid.T, layout string) time.Time {
	parts := clockParts{
		year: rapid.IntRange(2001, 2098).Draw(t, "Y"), month: rapid.IntRange(1, 12).Draw(t, "M"), day: rapid.IntRange(1, 28).Draw(t, "D"),
		hour: rapid.IntRange(0, 23).Draw(t, "h"), minute: rapid.IntRange(0, 59).Draw(t, "m"), second: rapid.IntRange(0, 59).Draw(t, "s"),
	}
	only := clockParts{month: 1, day: 1}
	for i := range layout {
		*only.of(layout[i]) = *parts.of(layout[i])
	}
	return only.time()
}

// coded is an item under one of its identifiers.
type coded struct {
	item *Item
	di   DI
}

// written says whether the item is written in this length: where there are several, it is in the first.
func (c coded) written() bool {
	first, _, _ := find(c.di, 0)
	return first == c.item
}

// What a meter is made to say, it says: registers of every item survive.
func TestRegistersSurviveTheRoundTrip(t *testing.T) {
	t.Parallel()
	for name, table := range tables() {
		rapid.Check(t, func(t *rapid.T) {
			drawn := rapid.Custom(func(t *rapid.T) coded {
				it := &table[rapid.IntRange(0, len(table)-1).Draw(t, "row")]
				return coded{it, DI{editionOf(name), genCode(t, it)}}
			}).Filter(coded.written).Draw(t, "item")
			it, d := drawn.item, drawn.di
			n := 1
			if p := it.block(d.Code); p != nil {
				n = rapid.IntRange(1, int(p.high-p.first)+1).Draw(t, "values")
			}
			var in []meterproto.Register
			for range n {
				for _, f := range it.Fields {
					in = append(in, genRegister(t, f))
				}
			}
			checkRoundTrip(t, d, in)
		})
	}
}

func checkRoundTrip(t *rapid.T, d DI, in []meterproto.Register) {
	values, err := AppendValues(nil, d, in)
	if err != nil {
		t.Fatalf("%v: %v", d, err)
	}
	out, err := AppendRegisters(nil, Reply{DI: d, Values: values})
	if err != nil || len(out) != len(in) {
		t.Fatalf("%v: %X is %v, %v", d, values, out, err)
	}
	for i := range in {
		w, g := in[i], out[i]
		if w.Kind != g.Kind || w.Unit != g.Unit || w.State != g.State || w.Value != g.Value && w.State == meterproto.Good || !w.Time.Equal(g.Time) ||
			w.Raw != nil && string(w.Raw) != string(g.Raw) {
			t.Fatalf("%v: %+v came back as %+v from %X", d, w, g, values)
		}
	}
}
