package cjt188

import (
	"errors"
	"slices"
	"time"

	"github.com/vendgate/vendgate/meterproto/bcd"
)

// ZoneOffset is the zone of the clock on the wire: the standard names none, and
// meters in China are set to Beijing time.
const ZoneOffset = 8 * time.Hour

const timeSize = 7

// Why a date cannot be.
var (
	// ErrDate is a time that no calendar has.
	ErrDate = errors.New("no such date or time")
	// ErrDay is a day that no month has.
	ErrDay = errors.New("no such day: want 1 to 31")
)

// time is ss mm hh DD MM YY CC (§2), in UTC once it is read; the zero time where
// the meter's clock is not set (00×7, FF×7).
func (w *walker) time(f *Field, t *time.Time) {
	if w.writing {
		w.putTime(*t)
		return
	}
	raw := w.take(timeSize)
	if unset(raw) {
		*t = time.Time{}
		w.note(f, item{raw: raw})
		return
	}
	got, err := w.layout.readTime(raw)
	if err != nil {
		err = w.wrong(f, raw, err)
	}
	*t = got
	w.note(f, item{raw: raw, time: got, valid: true, err: err})
}

// readTime reads a clock that is set.
func (l Layout) readTime(b []byte) (time.Time, error) {
	var v [timeSize]int
	for i, x := range b {
		if x > 0x99 || x&0x0F > 9 {
			return time.Time{}, &bcd.DigitError{Offset: i, Byte: x}
		}
		at := i
		if l.TimeHighFirst {
			at = timeSize - 1 - i
		}
		v[at] = int(x>>4*10 + x&0x0F)
	}
	year, month, day := v[6]*100+v[5], time.Month(v[4]), v[3]
	if month < 1 || month > 12 || day < 1 || day > daysOf(year, month) || v[2] > 23 || v[1] > 59 || v[0] > 59 {
		return time.Time{}, ErrDate
	}
	return time.Date(year, month, day, v[2], v[1], v[0], 0, time.UTC).Add(-ZoneOffset), nil
}

func daysOf(year int, m time.Month) int {
	switch m {
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}

// unset reports the two patterns of a clock that was never set.
func unset(b []byte) bool {
	for _, x := range b {
		if x != b[0] {
			return false
		}
	}
	return b[0] == 0x00 || b[0] == 0xFF
}

// putTime writes t, cut to the second; the zero time as 00×7.
func (w *walker) putTime(t time.Time) {
	if t.IsZero() {
		w.b = append(w.b, make([]byte, timeSize)...)
		return
	}
	t = t.UTC().Add(ZoneOffset)
	if t.Year() < 0 || t.Year() > 9999 {
		w.errs = append(w.errs, ErrDate)
		return
	}
	start := len(w.b)
	for _, n := range [...]int{t.Second(), t.Minute(), t.Hour(), t.Day(), int(t.Month()), t.Year() % 100, t.Year() / 100} {
		w.b = append(w.b, byte(n/10<<4|n%10))
	}
	if w.layout.TimeHighFirst {
		slices.Reverse(w.b[start:])
	}
}

// day is the day of a month, 1 to 31.
func (w *walker) day(f *Field, d *byte) {
	if w.writing {
		if *d < 1 || *d > 31 {
			w.errs = append(w.errs, ErrDay)
		}
		w.putDigits(uint32(*d), true, daySize)
		return
	}
	raw := w.take(daySize)
	x := raw[0]
	*d = x>>4*10 + x&0x0F
	var err error
	switch {
	case x > 0x99 || x&0x0F > 9:
		err = w.wrong(f, raw, &bcd.DigitError{Byte: x})
	case *d < 1 || *d > 31:
		err = w.wrong(f, raw, ErrDay)
	}
	if err != nil {
		*d = 0
	}
	w.note(f, item{raw: raw, digits: whole(*d), value: whole(*d), sent: err == nil, valid: true, err: err})
}
