package gateway

import (
	"fmt"
	"time"
)

// Calendar is when meters are read (RULES D1): on the days From to To of each
// month, at the time of day At and from then on every Each until midnight; an
// Each of 0 is once a day.
type Calendar struct {
	From, To int
	At       time.Duration // since midnight
	Each     time.Duration
	Zone     *time.Location
}

// DefaultCalendar is RULES D1: from the 6th to the 25th, at night, when nobody
// needs the lines; times are those of China.
func DefaultCalendar() Calendar {
	return Calendar{From: 6, To: 25, At: 2 * time.Hour, Zone: time.FixedZone("UTC+8", 8*60*60)}
}

// Check says what is wrong with the calendar.
func (c Calendar) Check() error {
	switch {
	case c.From < 1 || c.To > 31 || c.From > c.To:
		return fmt.Errorf("readings from day %d to day %d: want days of the month, in order", c.From, c.To)
	case c.From > 28:
		return fmt.Errorf("readings from day %d: not every month has it", c.From)
	case c.At < 0 || c.At >= 24*time.Hour:
		return fmt.Errorf("readings at %v: want a time of day", c.At)
	case c.Each < 0 || c.Each > 0 && c.Each < time.Minute:
		return fmt.Errorf("readings every %v: want a minute or more", c.Each)
	}
	return nil
}

// Next is the first time after t at which the calendar has meters read.
func (c Calendar) Next(t time.Time) time.Time {
	local := t.In(c.Zone)
	for day := 0; ; day++ {
		midnight := time.Date(local.Year(), local.Month(), local.Day()+day, 0, 0, 0, 0, c.Zone)
		if midnight.Day() < c.From || midnight.Day() > c.To {
			continue
		}
		if at, ok := c.on(midnight, t); ok {
			return at
		}
	}
}

// on is the first time after t on the day that begins at midnight.
func (c Calendar) on(midnight, t time.Time) (time.Time, bool) {
	at := midnight.Add(c.At)
	if at.After(t) {
		return at, true
	}
	if c.Each == 0 {
		return time.Time{}, false
	}
	at = at.Add((t.Sub(at)/c.Each + 1) * c.Each)
	return at, at.Before(midnight.Add(24 * time.Hour))
}
