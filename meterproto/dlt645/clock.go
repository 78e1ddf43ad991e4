package dlt645

import (
	"errors"
	"time"

	"github.com/vendgate/vendgate/meterproto/bcd"
)

// ZoneOffset is the zone of the clock on the wire: the standard names none, and
// meters in China are set to Beijing time.
const ZoneOffset = 8 * time.Hour

// century is what two digits of a year lack.
const century = 2000

// ErrDate is a time that no calendar has, or that a field has no room for.
var ErrDate = errors.New("no such date or time")

// clockParts are the parts of a clock field as they are on the wire. What a layout
// lacks is that of 1 January of the year 0, as time.Parse has it.
type clockParts struct{ year, month, day, weekday, hour, minute, second int }

// of is the part that a letter of a layout stands for.
func (c *clockParts) of(letter byte) *int {
	switch letter {
	case 'Y':
		return &c.year
	case 'M':
		return &c.month
	case 'D':
		return &c.day
	case 'W':
		return &c.weekday
	case 'h':
		return &c.hour
	case 'm':
		return &c.minute
	}
	return &c.second
}

// decodeClock reads a field by its layout, a letter a byte, as a time in UTC.
// Errors: *bcd.DigitError, ErrDate.
func decodeClock(b []byte, layout string) (time.Time, error) {
	c := clockParts{month: 1, day: 1}
	for i, x := range b {
		hi, lo := int(x>>4), int(x&0x0F)
		if hi > 9 || lo > 9 {
			return time.Time{}, &bcd.DigitError{Offset: i, Byte: x}
		}
		*c.of(layout[i]) = 10*hi + lo
		if layout[i] == 'Y' {
			c.year += century
		}
	}
	t := c.time()
	if c != partsOf(t, c.weekday) || c.weekday > 7 {
		return time.Time{}, ErrDate
	}
	return t, nil
}

// time is the instant in UTC, another than the parts say where no calendar has them.
func (c clockParts) time() time.Time {
	return time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, time.UTC).Add(-ZoneOffset)
}

// partsOf are the parts of a time as the wire's zone has it. The weekday is the
// meter's own, since makers number the days differently.
func partsOf(t time.Time, weekday int) clockParts {
	t = t.UTC().Add(ZoneOffset)
	return clockParts{t.Year(), int(t.Month()), t.Day(), weekday, t.Hour(), t.Minute(), t.Second()}
}

// appendClock appends t by a layout; the weekday counts from Sunday, 0. It fails
// with ErrDate where the layout has no place for the year.
func appendClock(dst []byte, t time.Time, layout string) ([]byte, error) {
	c := partsOf(t, int(t.UTC().Add(ZoneOffset).Weekday()))
	start := len(dst)
	for i := range layout {
		v := *c.of(layout[i])
		if layout[i] == 'Y' {
			if v -= century; v < 0 || v > 99 {
				return dst[:start], ErrDate
			}
		}
		dst = append(dst, byte(v/10<<4|v%10))
	}
	return dst, nil
}
