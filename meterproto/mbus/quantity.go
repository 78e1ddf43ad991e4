package mbus

import "github.com/vendgate/vendgate/meterproto"

// Quantity is what a code of a VIF table means: a number n in the data stands
// for n × Times × 10^Scale of Symbol.
type Quantity struct {
	Name   string
	Kind   meterproto.Kind // Unread: nothing that can be counted in a Unit
	Unit   meterproto.Unit
	Symbol string // the unit in the words of the reference decoders
	Scale  int8
	Times  int64 // 0 is 1: durations are counted in seconds
	Hourly int64 // 0 is 1: how often an hour holds what a flow is counted by
	// Later marks a meaning that the edition of 2004 did not have: decoders that
	// follow it call the code "Reserved" and leave the number as it is.
	Later bool
}

// Value is a number of the data, moved by shift digits as VIFEs may ask for, in
// Symbol. ok is false where it has no room in a Decimal.
func (q Quantity) Value(d meterproto.Decimal, shift int) (v meterproto.Decimal, ok bool) {
	return scaled(d, int(q.Scale)+shift, max(q.Times, 1))
}

// Reserved is what the edition of 2004 calls codes that it gives no meaning.
const Reserved = "Reserved"

// span is count codes from code on, whose scale rises by one from each to the
// next unless the quantity is a duration.
type span struct {
	code, count byte
	Quantity
}

// second to year are what durations are counted by, as the reference decoders
// count them. A month and a year have no fixed length: their Kind is Unread.
const (
	second = 1
	minute = 60
	hour   = 3600
	day    = 86400
	month  = 262974383 // hundredths of a second
	year   = 31556926
)

// durations is seconds, minutes, hours and days from code on, leaving out what
// stands before first.
func durations(code byte, first int, name string, later bool) []span {
	var all []span
	for i, times := range []int64{second, minute, hour, day}[first:] {
		q := Quantity{Name: name, Kind: meterproto.OfDuration, Unit: meterproto.Second, Times: times, Later: later}
		all = append(all, span{code + byte(i), 1, q})
	}
	return all
}

// longDurations is months and years from code on.
func longDurations(code byte, name string) []span {
	return []span{
		{code, 1, Quantity{Name: name, Symbol: "s", Times: month, Scale: -2}},
		{code + 1, 1, Quantity{Name: name, Symbol: "s", Times: year}},
	}
}

// plain is a code whose number has no unit.
func plain(code byte, kind meterproto.Kind, name string) span {
	return span{code, 1, Quantity{Name: name, Kind: kind}}
}

// later is a code without a unit that the edition of 2004 did not have.
func later(code byte, kind meterproto.Kind, name string) span {
	return span{code, 1, Quantity{Name: name, Kind: kind, Later: true}}
}

// counted is a scaled quantity in one of the units of meterproto.
func counted(code, count byte, kind meterproto.Kind, unit meterproto.Unit, scale int8, name string) span {
	return span{code, count, Quantity{Name: name, Kind: kind, Unit: unit, Scale: scale}}
}

// foreign is a scaled quantity in a unit that no decimal point leads away from.
func foreign(code, count byte, symbol string, scale int8, name string) span {
	return span{code, count, Quantity{Name: name, Symbol: symbol, Scale: scale}}
}

// spread is the table that the spans fill. Codes that none has are reserved.
func spread(groups ...[]span) (table [128]Quantity) {
	for i := range table {
		table[i] = Quantity{Name: Reserved, Symbol: Reserved, Later: true}
	}
	for _, group := range groups {
		for _, s := range group {
			q := s.Quantity
			if q.Symbol == "" {
				q.Symbol = q.Unit.String()
			}
			for i := range s.count {
				table[s.code+i] = q
				q.Scale++
			}
		}
	}
	return table
}
