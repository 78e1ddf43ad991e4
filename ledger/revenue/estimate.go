package revenue

import (
	"math"
	"math/bits"
	"time"
)

// Reading is what a meter had burnt at a time. The zero Reading is none.
type Reading struct {
	At   time.Time
	Used int64
}

// Rules are the settings of the month's close.
type Rules struct {
	// Season weighs the months of a year, January first: a day of a month of
	// weight 2,000 uses twice as much as one of 1,000 (RULES C5).
	Season [12]int64
	// MinSpan is the shortest time between two readings from which the use of
	// others is estimated.
	MinSpan time.Duration
	// Window is how far back readings are looked at: a year knows every season.
	Window time.Duration
	// Zone is where months begin and end.
	Zone *time.Location
}

// Defaults are the settings as shipped: gas that cooks all year and warms in
// winter; three weeks at least, for the first verification comes after a month (C4).
func Defaults(zone *time.Location) Rules {
	return Rules{
		Season:  [12]int64{1400, 1300, 1100, 950, 850, 800, 750, 750, 800, 900, 1100, 1300},
		MinSpan: 21 * 24 * time.Hour,
		Window:  365 * 24 * time.Hour,
		Zone:    zone,
	}
}

// weigh is the time from a to b, each second weighing what its month weighs.
func (r Rules) weigh(a, b time.Time) (weight int64) {
	for a.Before(b) {
		year, month, _ := a.In(r.Zone).Date()
		next := time.Date(year, month+1, 1, 0, 0, 0, 0, r.Zone)
		if next.After(b) {
			next = b
		}
		weight += int64(next.Sub(a)/time.Second) * r.Season[month-1]
		a = next
	}
	return weight
}

// Ratio is Now to Then; the zero Ratio is 1.
type Ratio struct{ Now, Then int64 }

// of is n times the ratio, rounded down; false where it does not fit.
func (r Ratio) of(n int64) (int64, bool) {
	if r.Then <= 0 || r.Now <= 0 {
		return n, true
	}
	hi, lo := bits.Mul64(uint64(n), uint64(r.Now))
	if hi >= uint64(r.Then) {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, uint64(r.Then))
	return int64(q), q <= math.MaxInt64
}

// estimate is what a meter has burnt by then, if from last on it burns as it did
// from base to last, with the season and at the price of now; false where that says nothing. It never
// exceeds most.
func (r Rules) estimate(base, last Reading, then time.Time, price Ratio, most int64) (used int64, ok bool) {
	if base.At.IsZero() || last.At.Sub(base.At) < r.MinSpan || last.Used < base.Used {
		return 0, false
	}
	known := r.weigh(base.At, last.At)
	if known == 0 {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(last.Used-base.Used), uint64(r.weigh(last.At, then)))
	if hi >= uint64(known) {
		return most, true
	}
	more, _ := bits.Div64(hi, lo, uint64(known))
	if more > math.MaxInt64 {
		return most, true
	}
	priced, ok := price.of(int64(more))
	if !ok || priced > most-last.Used {
		return most, true
	}
	return last.Used + priced, true
}

// Read takes a reading in, in any order. The last is the one with the highest
// register, of several the latest: a register that stands still was read again.
// The base is the earliest since. A clock that shows a time before the meter began
// is not believed.
func (f *Facts) Read(r Reading, since time.Time) {
	if r.At.Before(f.Begun.At) {
		r.At = f.Begun.At
	}
	if f.Last.At.IsZero() || r.Used > f.Last.Used || r.Used == f.Last.Used && r.At.After(f.Last.At) {
		f.Last = r
	}
	if !r.At.Before(since) && (f.Base.At.IsZero() || r.At.Before(f.Base.At) || r.At.Equal(f.Base.At) && r.Used < f.Base.Used) {
		f.Base = r
	}
}
