package vending

import (
	"fmt"
	"time"
)

// MonthDay is a day of every year, as the first of a heating season. The zero
// value is the first of January.
type MonthDay struct {
	Month time.Month
	Day   int
}

const monthDayLayout = "01-02"

// ParseMonthDay reads "11-15". The 29th of February is not a day of every year.
func ParseMonthDay(s string) (MonthDay, error) {
	at, err := time.Parse(monthDayLayout, s)
	if err != nil || at.Month() == time.February && at.Day() == 29 {
		return MonthDay{}, fmt.Errorf("%q is no day of every year", s)
	}
	return MonthDay{at.Month(), at.Day()}, nil
}

func (d MonthDay) String() string {
	at := d.in(2001)
	return at.Format(monthDayLayout)
}

// MarshalText writes "11-15".
func (d MonthDay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "11-15".
func (d *MonthDay) UnmarshalText(text []byte) (err error) {
	*d, err = ParseMonthDay(string(text))
	return err
}

// in is the midnight at which the day begins in a year, in Zone.
func (d MonthDay) in(year int) time.Time {
	return time.Date(year, max(d.Month, time.January), max(d.Day, 1), 0, 0, 0, 0, Zone)
}

// Year is the year from this day to the next one, as [from, to), in which a
// time lies: a calendar year, or a heating year.
func (d MonthDay) Year(at time.Time) (from, to time.Time) {
	year := at.In(Zone).Year()
	if at.Before(d.in(year)) {
		year--
	}
	return d.in(year), d.in(year + 1)
}
