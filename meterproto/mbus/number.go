package mbus

import (
	"fmt"
	"math"
	"slices"

	"github.com/vendgate/vendgate/meterproto"
)

// Number is the record's data as a number, before its unit is looked at. ok is
// false where the data are no number (text); a date's coding is one. State is
// NoValue where the meter says that it has none (a BCD field all F, the most
// negative integer, which then is d, a real that is no number), Invalid where
// digits are none.
func (r Record) Number() (d meterproto.Decimal, s meterproto.State, ok bool) {
	switch r.Coding {
	case Int8, Int16, Int24, Int32, Int48, Int64:
		return integer(r.Data, r.Order)
	case BCD2, BCD4, BCD6, BCD8, BCD12:
		d, s = decodeBCD(r.Data, r.Order)
		return d, s, true
	case Real32:
		d, s = decodeReal(math.Float32frombits(uint32(getUint(r.Data, r.Order))))
		return d, s, true
	case Variable:
		return r.variableNumber()
	}
	return d, s, false
}

// integer is a number in two's complement (type B). 80…00 is none.
func integer(b []byte, o Order) (meterproto.Decimal, meterproto.State, bool) {
	v := getInt(b, o)
	if v == math.MinInt64>>(64-8*len(b)) {
		return meterproto.Decimal{Digits: v}, meterproto.NoValue, true
	}
	return meterproto.Decimal{Digits: v}, meterproto.Good, true
}

// variableNumber is the number in data with a length byte: BCD without a sign
// nibble (C0 and D0, the latter negative) or an integer (E0). Numbers of more
// than 64 bits stay raw.
func (r Record) variableNumber() (d meterproto.Decimal, s meterproto.State, ok bool) {
	if len(r.Data) == 0 || len(r.Data) > 8 {
		return d, s, false
	}
	switch r.Length & 0xF0 {
	case 0xC0, 0xD0:
		v, ok := nibbles(getUint(r.Data, r.Order))
		if !ok {
			return d, meterproto.Invalid, true
		}
		if r.Length >= 0xD0 {
			v = -v
		}
		return meterproto.Decimal{Digits: v}, meterproto.Good, true
	case 0xE0:
		return integer(r.Data, r.Order)
	}
	return d, s, false
}

// decodeBCD reads a BCD field whose highest nibble may be F: a minus sign (type
// A). F in every nibble is no value.
func decodeBCD(b []byte, o Order) (d meterproto.Decimal, s meterproto.State) {
	field := getUint(b, o)
	bits := 8 * len(b)
	if field == 1<<bits-1 {
		return d, meterproto.NoValue
	}
	negative := field>>(bits-4) == 0xF
	if negative {
		field &= 1<<(bits-4) - 1
	}
	v, ok := nibbles(field)
	if !ok {
		return d, meterproto.Invalid
	}
	if negative {
		v = -v
	}
	return meterproto.Decimal{Digits: v}, meterproto.Good
}

// nibbles is the number that the nibbles of v write in decimal.
func nibbles(v uint64) (n int64, ok bool) {
	for place := int64(1); v != 0; v >>= 4 {
		digit := int64(v & 0xF)
		if digit > 9 {
			return 0, false
		}
		n += place * digit
		place *= 10
	}
	return n, true
}

// Digits are the data's nibbles from the highest on, as a meter prints its
// number; some have digits above nine.
func (r Record) Digits() string {
	b := slices.Clone(r.Data)
	if r.Order == LowFirst {
		slices.Reverse(b)
	}
	return fmt.Sprintf("%X", b)
}
