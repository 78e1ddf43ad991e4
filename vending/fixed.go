package vending

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
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
	Code  string
	Fen   int64     // with VAT
	VATBp int64     // of the version that was in force
	On    time.Time // midnight in Zone
}

// FixedStatuses are the statuses in which fixed charges fall due: where the supply
// is there to be used, whether it is or not.
func FixedStatuses() []Status { return []Status{InService, Vacant} }

// Charge is the charge on account that a customer gets for it, raised when it is
// booked and due so many days later: nobody pays a late fee because it was booked
// late. Its id is that of the customer, the code and the day, whoever books it.
func (d FixedDue) Charge(customer int64, raised time.Time, dueDays int32) Charge {
	what := d.Code + " " + DateOf(d.On).String()
	due := DateOf(raised) + Date(dueDays)
	return Charge{ID: ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("%s %d %s", DeedFixed, customer, what)), Customer: customer, Kind: ChargeFixed,
		Note: what, VATBp: d.VATBp, Raised: raised, Due: due, Through: due, Amount: d.Fen}
}

// LastDue is the last day until one, that day included, on which a fixed charge
// falls due; false where none does.
func (v Versions) LastDue(until Date) (last Date, ok bool) {
	if len(v) == 0 {
		return 0, false
	}
	for _, d := range v.FixedDue(v[0].From, (until + 1).Midnight()) {
		last, ok = max(last, DateOf(d.On)), true
	}
	return last, ok
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
				due = append(due, FixedDue{c.Code, c.Fen, t.VATBp, on})
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
