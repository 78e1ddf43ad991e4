package cjt188

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/meterproto"
)

// ReadByEvidence is Read for a frame whose model nobody knows. It takes the layout
// that the frame itself proves: the one in which units stand where units belong,
// the time is one of this century, and no temperature is above what a meter can
// measure. Where nothing speaks against it, that is the standard's. Others are the
// layouts that are proved as well, and read other values: how large a number is
// only says which of them comes first.
//
// Where no layout fits, because a unit is none wherever one looks for it, the
// model packs its values in a way of its own: only time and status are believed,
// and the values stay raw (§8 item 7).
func ReadByEvidence(f Frame) Content {
	var read [len(candidates)]Content
	plus33, first := looksShifted(f), 0
	for i, l := range candidates {
		l.Plus33 = plus33
		read[i] = Read(f, l)
		if read[i].doubts().less(read[first].doubts()) {
			first = i
		}
	}
	best := read[first]
	if best.packed() {
		return best.believed(f)
	}
	best.Others = best.others(read[:])
	return best
}

// others are the layouts that are proved as well as that of c, once for all that
// read the same. One in which a field is wrong is none.
func (c Content) others(read []Content) (layouts []Layout) {
	proved, told := c.doubts().proved(), []Content{c}
	for _, o := range read {
		if proved[0] == 0 && o.doubts().proved() == proved && !slices.ContainsFunc(told, o.says) {
			told, layouts = append(told, o), append(layouts, o.Layout)
		}
	}
	return layouts
}

// says reports whether two readings of one frame have the same values.
func (c Content) says(o Content) bool {
	return slices.EqualFunc(c.Items, o.Items, func(a, b Item) bool {
		return a.Digits == b.Digits && a.Unit == b.Unit && a.Register.Time.Equal(b.Register.Time) && a.Register.State == b.Register.State
	})
}

// candidates are the layouts that were seen in the field (§8), the standard's
// first: it wins where two are as good.
var candidates = [...]Layout{
	{},
	{TimeHighFirst: true},
	{UnitFirst: true},
	{UnitFirst: true, TimeHighFirst: true},
	{HighFirst: true, TimeHighFirst: true},
	{HighFirst: true, TimeHighFirst: true, UnitFirst: true},
}

// looksShifted reports whether DI means nothing as it is, and is one of the
// standard's once 33H is taken off (§8 item 6). A refusal has no DI (§1.3): its SER
// and ST prove nothing, whatever they look like.
func looksShifted(f Frame) bool {
	if len(f.Data) < querySize || f.Control.Abnormal() || f.Control.Function() >= vendorFunctions || f.Control.may(decodeQuery(f.Data).DI) {
		return false
	}
	head := slices.Clone(f.Data[:querySize])
	Layout{Plus33: true}.Unshift(head)
	di := decodeQuery(head).DI
	return di.standard() || di.HoldsKey() && f.Control.writes()
}

// may reports whether an identifier is known, and one that the function handles: the
// stored values of 2018, D2xx to D4xx, are read only (§7). So a write of A0xx to a model
// that adds 33H is none of them, and its key is not shown for what it is not.
func (c Control) may(d DI) bool {
	return d.Known() && !(c.writes() && d>>8 >= 0xD2 && d>>8 <= 0xD4)
}

// doubts are what speaks against a layout, the gravest first.
type doubts struct{ fields, time, temperatures, numbers int }

// proved is what else than the size of a number speaks.
func (d doubts) proved() [3]int { return [...]int{d.fields, d.time, d.temperatures} }

func (d doubts) less(o doubts) bool {
	a, b := d.proved(), o.proved()
	return cmp.Or(slices.Compare(a[:], b[:]), cmp.Compare(d.numbers, o.numbers)) < 0
}

const (
	hottest = 150_00     // hundredths of a degree: no meter measures more
	topPair = 1_000_000  // the first digit pair of eight is not 00
	runOver = 10_000_000 // the first digit of eight is not 0
)

func (c Content) doubts() (d doubts) {
	if c.Layout.TimeHighFirst && !slices.ContainsFunc(c.Items, Item.tellsOrder) {
		d.fields++ // nothing speaks for it
	}
	for _, i := range c.Items {
		switch r := i.Register; {
		case r.Kind == meterproto.OfInstant && i.Err != nil:
			d.time += 2
		case i.Err != nil:
			d.fields++
		case r.State != meterproto.Good:
		case r.Kind == meterproto.OfInstant && r.Time.Add(ZoneOffset).Year()/100 != 20:
			d.time++
		case r.Kind == meterproto.OfTemperature && i.Digits.Digits > hottest:
			d.temperatures++
		case c.Layout.UnitFirst && len(c.Items) == 1 && i.Digits.Digits >= topPair:
			// Alone it proves nothing: any digits of a small number may look like a unit.
			d.fields++
		case c.Layout.TimeHighFirst && i.Unit != 0 && i.Digits.Digits >= runOver:
			// Of a model that writes times the other way round, and perhaps all numbers:
			// registers hardly ever reach their first digit. Ten thousand cubic metres are
			// nothing rare.
			d.numbers++
		}
	}
	return d
}

// tellsOrder reports an item that makes sense in one order of its bytes, and
// hardly in the other: a clock that is set, a temperature.
func (i Item) tellsOrder() bool {
	return i.Register.State == meterproto.Good && (i.Register.Kind == meterproto.OfInstant || i.Register.Kind == meterproto.OfTemperature)
}

// packed reports a unit that is none: the digits beside it mean something else.
// 00 is no such unit, but one that was left out.
func (c Content) packed() bool {
	return slices.ContainsFunc(c.Items, func(i Item) bool {
		e, ok := errors.AsType[*UnitError](i.Err)
		return ok && e.Unit != 0 && e.Unit.Kind() == meterproto.Unread
	})
}

// believed is what is left of a message whose values are packed.
func (c Content) believed(f Frame) Content {
	c.Items = slices.DeleteFunc(c.Items, func(i Item) bool {
		return i.Register.Kind != meterproto.OfInstant && i.Register.Kind != meterproto.OfStatus
	})
	c.Message, c.Rest = nil, f.Data[querySize:]
	c.Err = fmt.Errorf("%w: %w", meterproto.ErrLayout, c.Err)
	return c
}
