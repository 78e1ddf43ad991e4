package vending

import "time"

// Zone is where the companies do their business: days, months, years and heating
// seasons begin at its midnight. China has one time zone and no summer time.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// PeriodOf is the month that an instant lies in, as 202603.
func PeriodOf(t time.Time) int {
	t = t.In(Zone)
	return t.Year()*100 + int(t.Month())
}

// PeriodStart is the first instant of a month.
func PeriodStart(period int) time.Time {
	return time.Date(period/100, time.Month(period%100), 1, 0, 0, 0, 0, Zone)
}

// PeriodEnd is the first instant after a month.
func PeriodEnd(period int) time.Time { return PeriodStart(period).AddDate(0, 1, 0) }

// NextPeriod is the month after.
func NextPeriod(period int) int { return PeriodOf(PeriodEnd(period)) }
