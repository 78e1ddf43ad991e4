package vending

import "time"

// Register is where a meter's register stood at a time.
type Register struct {
	At time.Time
	N  int64
}

// Uses are the registers by which a new one is judged (RULES D4); nil where none was heard.
type Uses struct {
	Last       *Register // before the new one
	MonthAgo   *Register // a month before it, or longer
	YearAgo    *Register // a year before it, or longer
	YearAgoEnd *Register // a month after that, or shorter
}

// JumpLimits say from when on a use is a jump, and a clock no clock.
type JumpLimits struct {
	Percent    int64         // of the greater of last month's use and that of the same month of last year
	Floor      int64         // litres, Wh or fen that are never one
	Known      time.Duration // for how long a use must have been watched to be called usual
	ClockSlack time.Duration // how far a meter's clock may be from ours
}

// DefaultJumpLimits: five times what was usual for a week or longer, and more than ten cubic metres or kilowatt hours, or a
// hundred yuan; a clock may be a day away.
func DefaultJumpLimits() JumpLimits {
	return JumpLimits{Percent: 500, Floor: 10_000, Known: 7 * 24 * time.Hour, ClockSlack: 24 * time.Hour}
}

// clockLost is how far behind ours a meter's clock may be and still be a clock.
const clockLost = 400 * 24 * time.Hour

// Jumps says whether the register has gone on so much since the last report that somebody
// should look before it is believed (RULES D4). Where nothing is usual yet, nothing is a jump.
func (r Report) Jumps(u Uses, limits JumpLimits) bool {
	if u.Last == nil {
		return false
	}
	used := r.Consumed - u.Last.N
	usual := max(limits.daily(u.MonthAgo, u.Last), limits.daily(u.YearAgo, u.YearAgoEnd))
	if used <= limits.Floor || usual < 0 {
		return false
	}
	days := max(1, int64(r.MeterTime.Sub(u.Last.At)/(24*time.Hour)))
	most, ok := times(usual, days, limits.Percent)
	return ok && used > most/100
}

// times multiplies; false where that does not fit.
func times(n int64, by ...int64) (int64, bool) {
	for _, m := range by {
		if m != 0 && n > (1<<63-1)/m {
			return 0, false
		}
		n *= m
	}
	return n, true
}

// daily is the use a day between two registers, rounded up; below zero where it is not known.
func (l JumpLimits) daily(from, to *Register) int64 {
	if from == nil || to == nil || to.At.Sub(from.At) < l.Known || to.N < from.N {
		return -1
	}
	days := max(1, int64(to.At.Sub(from.At)/(24*time.Hour)))
	return (to.N-from.N)/days + 1
}

// ByOurClock puts our own clock in the place of the meter's, where that is not set, runs more than the slack ahead of ours,
// or has lost its battery years ago: what is read on a line is as of now. One that is less behind is believed: the
// order of its reports is its own. It says by how much the clock is away, where that is more than the slack.
func (r Report) ByOurClock(heard time.Time, slack time.Duration) (_ Report, off time.Duration) {
	ours := heard.UTC().Truncate(time.Second)
	if r.MeterTime.IsZero() {
		r.MeterTime = ours
		return r, 0
	}
	if off = r.MeterTime.Sub(heard); off.Abs() <= slack {
		return r, 0
	}
	if off > 0 || off < -clockLost {
		r.MeterTime = ours
	}
	return r, off
}

// Unroll is the amount that a register which begins again at span may stand for, nearest to
// what is known of it; span 0 never begins again.
func Unroll(shown, span, known int64) int64 {
	if span <= 0 {
		return shown
	}
	n := known - known%span + shown
	switch {
	case n-known > span/2 && n >= span:
		n -= span
	case known-n > span/2:
		n += span
	}
	return n
}
