package vending

import (
	"slices"
	"time"
)

// Versions are the versions of one price list, the earliest first. They are only
// ever added to.
type Versions []Tariff

// PriceNotice is how long before it comes into force a version must be known, as
// shipped. A purchase under way at midnight has seen it by then.
const PriceNotice = time.Hour

// Add is the versions with one more. It must be in force later than the last, and
// unless it is the first not before now and the notice: what was sold at the old
// price stays sold at it. ErrTariffInvalid, ErrTariffEarly or ErrTariffUnlike.
func (v Versions) Add(t Tariff, now time.Time, notice time.Duration) (Versions, error) {
	if err := t.Valid(); err != nil {
		return v, err
	}
	if len(v) == 0 {
		return Versions{t}, nil
	}
	last := v[len(v)-1]
	earliest := now.Add(notice)
	if !t.From.After(last.From) || t.From.Before(earliest) {
		return v, ErrTariffEarly.With("Tariff", t.Code, "From", showTime(t.From), "Last", showTime(last.From), "Earliest", showTime(earliest))
	}
	if field := last.unlike(t); field != "" {
		return v, ErrTariffUnlike.With("Tariff", t.Code, "Field", field)
	}
	return append(slices.Clip(v), t), nil
}

func showTime(at time.Time) string { return at.In(Zone).Format("2006-01-02 15:04:05") }

// unlike names what two versions of one price list may not differ in; empty
// where they do not.
func (t Tariff) unlike(next Tariff) string {
	switch {
	case t.Code != next.Code:
		return "code"
	case t.Class != next.Class:
		return "class"
	case t.Region != next.Region:
		return "region"
	case t.Commodity != next.Commodity:
		return "commodity"
	case t.Step != next.Step:
		return "step"
	}
	return ""
}

// InForce is the version that is in force at an instant: at midnight itself
// already the new one. ErrNotInForce before the first.
func (v Versions) InForce(at time.Time) (Tariff, error) {
	for _, t := range slices.Backward(v) {
		if !at.Before(t.From) {
			return t, nil
		}
	}
	code := ""
	if len(v) > 0 {
		code = v[0].Code
	}
	return Tariff{}, ErrNotInForce.With("Tariff", code, "At", showTime(at))
}

// Rise says whether the price rises within the days of the hoarding limit in
// force at an instant, since when that has been near, and when it rises.
func (v Versions) Rise(at time.Time) (since, rises time.Time, near bool) {
	now, err := v.InForce(at)
	if err != nil || now.Limits.Hoarding.Days == 0 {
		return since, rises, false
	}
	for _, next := range v {
		since = next.From.AddDate(0, 0, -now.Limits.Hoarding.Days)
		if next.From.After(at) && !at.Before(since) && now.dearer(next) {
			return since, next.From, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// dearer says whether some unit of a tier year costs more in the next version.
func (t Tariff) dearer(next Tariff) bool {
	at := []int64{0}
	for _, tier := range slices.Concat(t.Tiers, next.Tiers) {
		at = append(at, tier.UpTo)
	}
	for _, used := range at {
		if next.priceAt(used) > t.priceAt(used) {
			return true
		}
	}
	return false
}

// priceAt is the price of the unit after those used, in fen per 1,000 units.
func (t Tariff) priceAt(used int64) int64 {
	for i := range t.rooms(Usage{Used: used}) {
		return t.Tiers[i].PriceFen
	}
	return 0
}

// FixedDue lists the fixed charges that fall due in [from, to), each at the rate
// of the version in force on its day.
func (v Versions) FixedDue(from, to time.Time) []FixedDue {
	var due []FixedDue
	for i, t := range v {
		until := to
		if i+1 < len(v) && v[i+1].From.Before(to) {
			until = v[i+1].From
		}
		start := from
		if t.From.After(from) {
			start = t.From
		}
		due = append(due, t.FixedDue(start, until)...)
	}
	return due
}
