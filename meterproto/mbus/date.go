package mbus

import (
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// ZoneOffset is the zone of the clock on the wire: the standard says local
// time, and meters in China are set to Beijing time.
const ZoneOffset = 8 * time.Hour

// The sizes of dates (EN 13757-3, annex A).
const (
	dateSize   = 2 // type G
	minuteSize = 4 // type F
	secondSize = 6 // type I
)

// The last two-digit year of this century, and the mark for "every year".
const (
	lastOfCentury = 80
	everyYear     = 127
)

// Date is a date as it was on the wire, with a time of day where Timed. Parts
// may be impossible, or mean "every": Time tells.
type Date struct {
	Digits               int // of the year: 0 to 99; 127 is "every year"
	Hundreds             int // of the year from 1900 on; only type F has them, and few meters set them
	Month, Day           int
	Hour, Minute, Second int
	Timed                bool
	Summer               bool // daylight saving: the zone's clock is an hour less
	Invalid              bool // the meter says that its clock is not right
}

// Date is the record's data as a date. ok is false where it is none: the VIF
// must say so, and the size must be that of type F, G or I.
func (r Record) Date() (d Date, ok bool) {
	table, code, _, ok := r.code()
	if !ok || table[code].Kind != meterproto.OfInstant {
		return Date{}, false
	}
	onlyDate := table == &primaryQuantities && code == 0x6C
	switch {
	case r.Coding == Int16 && (onlyDate || table == &mainQuantities):
	case r.Coding == Int32 && !onlyDate, r.Coding == Int48 && !onlyDate:
	default:
		return Date{}, false
	}
	return r.date()
}

// date reads the data as the date that its size makes it.
func (r Record) date() (Date, bool) {
	v := getUint(r.Data, r.Order)
	switch {
	case r.Coding == Int16:
		d := Date{}
		d.day(v)
		return d, true
	case r.Coding == Int32:
		d := Date{Timed: true, Minute: int(v & 0x3F), Hour: int(v >> 8 & 0x1F)}
		d.Invalid, d.Summer = v&0x80 != 0, v&0x8000 != 0
		d.Hundreds = int(v >> 13 & 3)
		d.day(v >> 16)
		return d, true
	case r.Coding == Int48:
		d := Date{Timed: true, Second: int(v & 0x3F), Minute: int(v >> 8 & 0x3F), Hour: int(v >> 16 & 0x1F)}
		d.Summer, d.Invalid = v&0x40 != 0, v&0x8000 != 0
		d.day(v >> 24)
		return d, true
	}
	return Date{}, false
}

// day reads the 16 bits of type G, which types F and I hold as well.
func (d *Date) day(v uint64) {
	d.Day, d.Month, d.Digits = int(v&0x1F), int(v>>8&0x0F), int(v>>5&7|v>>9&0x78)
}

// Year is the year that the digits mean: those to 80 are of this century where
// no hundreds are set (EN 13757-3, annex A, type F). Digits past 99 are none, 127
// means every year: Time has no instant for them, and they are shown as the
// reference decoders show them, 2127 in type G and 2027 in types F and I.
func (d Date) Year() int {
	switch {
	case d.Hundreds == 0 && d.Digits <= lastOfCentury, d.Digits > 99 && !d.Timed:
		return 2000 + d.Digits
	}
	return 1900 + 100*d.Hundreds + d.Digits
}

// Time is the instant in UTC. State is NoValue where the meter says that its
// clock is not right or means "every" day, month, hour or year, Invalid where no
// calendar has the date; the time is zero then.
func (d Date) Time() (time.Time, meterproto.State) {
	if d.Invalid || d.every() {
		return time.Time{}, meterproto.NoValue
	}
	t := time.Date(d.Year(), time.Month(d.Month), d.Day, d.Hour, d.Minute, d.Second, 0, time.UTC)
	if t.Day() != d.Day || int(t.Month()) != d.Month || t.Hour() != d.Hour || t.Minute() != d.Minute ||
		t.Second() != d.Second || d.Digits > 99 {
		return time.Time{}, meterproto.Invalid
	}
	if d.Summer {
		t = t.Add(-time.Hour)
	}
	return t.Add(-ZoneOffset), meterproto.Good
}

// every reports the marks for "every", and the zeros of a clock that is not set.
func (d Date) every() bool {
	return d.Day == 0 || d.Month == 15 || d.Month == 0 || d.Digits == everyYear || d.Hour == 31 || d.Minute == 63
}

// String is the date as the meter's clock shows it, possible or not.
func (d Date) String() string {
	s := fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.Month, d.Day)
	if d.Timed {
		s += fmt.Sprintf("T%02d:%02d:%02d", d.Hour, d.Minute, d.Second)
	}
	return s
}

// AppendTo appends the date as data of the coding: Int16 for type G, Int32 for
// F, Int48 for I. What the type has no place for is left out.
func (d Date) AppendTo(dst []byte, c Coding, o Order) []byte {
	day := uint64(d.Day | d.Month<<8 | d.Digits&7<<5 | d.Digits>>3<<12)
	switch c {
	case Int32:
		v := uint64(d.Minute|d.Hour<<8|d.Hundreds<<13) | day<<16
		return appendUint(dst, v|bit(d.Invalid, 7)|bit(d.Summer, 15), minuteSize, o)
	case Int48:
		v := uint64(d.Second|d.Minute<<8|d.Hour<<16) | day<<24
		return appendUint(dst, v|bit(d.Summer, 6)|bit(d.Invalid, 15), secondSize, o)
	}
	return appendUint(dst, day, dateSize, o)
}

func bit(set bool, at int) uint64 {
	if set {
		return 1 << at
	}
	return 0
}
