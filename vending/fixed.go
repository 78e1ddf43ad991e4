package vending

import (
	"slices"
	"time"
)

// Every says how often a fixed charge falls due.
type Every string

// The periods of fixed charges.
const (
	EveryMonth  Every = "month"  // on the first of each month
	EverySeason Every = "season" // once, on the day on which its season begins
)

// FixedCharge is what is charged whether or not anything is consumed, as a
// heating season's basic charge. A monthly one may have a season too: it is due
// on those firsts of a month that lie in [Start, End]. Start = End: all year.
type FixedCharge struct {
	Code  string
	Fen   int64 // with VAT, of the tariff's rate
	Every Every
	Start MonthDay
	End   MonthDay // the last day of the season; of no account where Every is a season
}

// FixedDue is a fixed charge that falls due.
type FixedDue struct {
	Code string
	Fen  int64
	On   time.Time // midnight in Zone
}

// FixedDue lists what falls due in [from, to), the earliest first.
func (t Tariff) FixedDue(from, to time.Time) []FixedDue {
	var due []FixedDue
	for _, c := range t.Fixed {
		first := from.In(Zone)
		on := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, Zone)
		next := func(at time.Time) time.Time { return at.AddDate(0, 1, 0) }
		if c.Every == EverySeason {
			on = c.Start.in(first.Year())
			next = func(at time.Time) time.Time { return c.Start.in(at.Year() + 1) }
		}
		for ; on.Before(to); on = next(on) {
			if !on.Before(from) && c.inSeason(on) {
				due = append(due, FixedDue{c.Code, c.Fen, on})
			}
		}
	}
	slices.SortStableFunc(due, func(a, b FixedDue) int { return a.On.Compare(b.On) })
	return due
}

// inSeason says whether a charge that would be due at a midnight is.
func (c FixedCharge) inSeason(on time.Time) bool {
	if c.Every == EverySeason || c.Start == c.End {
		return true
	}
	from, _ := c.Start.Year(on)
	end := c.End.in(from.Year())
	if end.Before(from) {
		end = c.End.in(from.Year() + 1)
	}
	return !on.After(end)
}
