package iec62056

import "time"

// Zones of the letters behind a P1 time (DSMR P1 §6.4, TST): CET and CEST. The
// letter is what tells the hour that comes twice.
const (
	summerOffset = 2 * time.Hour // S
	winterOffset = 1 * time.Hour // W
)

// instantState is what looks like a time.
type instantState uint8

const (
	noInstant instantState = iota
	goodInstant
	badInstant // YYMMDDhhmmssX with a date or time that cannot be
)

// parseInstant reads YYMMDDhhmmssX, the century being 20, and gives it in UTC.
func parseInstant(b []byte) (time.Time, instantState) {
	const size = 13
	if len(b) != size || b[size-1] != 'S' && b[size-1] != 'W' {
		return time.Time{}, noInstant
	}
	var v [6]int
	for i, x := range b[:size-1] {
		if x < '0' || x > '9' {
			return time.Time{}, noInstant
		}
		v[i/2] = v[i/2]*10 + int(x-'0')
	}
	t := time.Date(2000+v[0], time.Month(v[1]), v[2], v[3], v[4], v[5], 0, time.UTC)
	if int(t.Month()) != v[1] || t.Day() != v[2] || t.Hour() != v[3] || t.Minute() != v[4] || t.Second() != v[5] {
		return time.Time{}, badInstant
	}
	if b[size-1] == 'S' {
		return t.Add(-summerOffset), goodInstant
	}
	return t.Add(-winterOffset), goodInstant
}
