package cjt188

import (
	"errors"
	"time"

	"github.com/vendgate/vendgate/meterproto/bcd"
)

// ZoneOffset is the zone of the clock on the wire: the standard names none, and
// meters in China are set to Beijing time.
const ZoneOffset = 8 * time.Hour

const timeSize = 7

// ErrDate is a time that no calendar has.
var ErrDate = errors.New("no such date or time")

// decodeTime reads ss mm hh DD MM YY CC (§2) and returns it in UTC, or the zero
// time where the meter's clock is not set (00×7, FF×7).
func decodeTime(b []byte) (time.Time, error) {
	if unset(b) {
		return time.Time{}, nil
	}
	var v [timeSize]int
	for i := range v {
		n, err := bcd.Little(b[i : i+1])
		if digit, ok := errors.AsType[*bcd.DigitError](err); ok {
			digit.Offset = i
		}
		if err != nil {
			return time.Time{}, err
		}
		v[i] = int(n)
	}
	year, month := v[6]*100+v[5], time.Month(v[4])
	t := time.Date(year, month, v[3], v[2], v[1], v[0], 0, zone())
	if t.Month() != month || t.Day() != v[3] || t.Hour() != v[2] || t.Minute() != v[1] || t.Second() != v[0] {
		return time.Time{}, ErrDate
	}
	return t.UTC(), nil
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

// appendTime appends t, cut to the second; the zero time as 00×7.
func appendTime(dst []byte, t time.Time) ([]byte, error) {
	if t.IsZero() {
		return append(dst, make([]byte, timeSize)...), nil
	}
	t = t.In(zone())
	if t.Year() < 0 || t.Year() > 9999 {
		return dst, ErrDate
	}
	for _, n := range []int{t.Second(), t.Minute(), t.Hour(), t.Day(), int(t.Month()), t.Year() % 100, t.Year() / 100} {
		dst = append(dst, byte(n/10<<4|n%10))
	}
	return dst, nil
}

func zone() *time.Location { return time.FixedZone("UTC+8", int(ZoneOffset/time.Second)) }
