package vending

import "time"

// Date is a calendar day where the company does its business, counted from
// 1970-01-01. Due days, readings and changes in a customer's life have one.
type Date int32

const (
	secondsADay = 24 * 60 * 60
	dateLayout  = "2006-01-02"
)

// DateOf is the day that it is in Zone at a time.
func DateOf(at time.Time) Date {
	year, month, day := at.In(Zone).Date()
	return DateOfUTC(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOfUTC is the day of a midnight in UTC, which is what a date of the database is.
func DateOfUTC(midnight time.Time) Date { return Date(midnight.Unix() / secondsADay) }

// ParseDate reads a day as "2026-03-01".
func ParseDate(s string) (Date, error) {
	midnight, err := time.Parse(dateLayout, s)
	if err != nil {
		return 0, ErrNumberInvalid.With("What", "date", "Value", s, "Want", "calendar_date")
	}
	return DateOfUTC(midnight), nil
}

// UTC is midnight of the day, as the database keeps dates.
func (d Date) UTC() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

func (d Date) String() string { return d.UTC().Format(dateLayout) }

// Midnight is when the day begins in Zone.
func (d Date) Midnight() time.Time {
	year, month, day := d.UTC().Date()
	return time.Date(year, month, day, 0, 0, 0, 0, Zone)
}
