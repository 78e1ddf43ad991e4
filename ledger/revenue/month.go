package revenue

import (
	"slices"
	"time"
)

// Basis says how a meter's position at the end of a month is known.
type Basis string

// The bases. Without readings from which to estimate a position stays.
const (
	Measured  Basis = "measured"
	Estimated Basis = "estimated"
	None      Basis = "none"
)

// State is a meter's account of revenue: where it stood and what was recognised
// by then. The zero State is that of a new meter.
type State struct {
	Position int64
	Done     Sum
}

// Facts are what is known of a meter at a month's end.
type Facts struct {
	Lots   []Lot
	Later  []Lot   // recorded since, while the month was not closed yet
	Before State   // as the last close left it
	Begun  Reading // when the meter began; Used is where its lots begin, whatever is given
	Base   Reading // the first reading within Rules.Window
	Last   Reading // the reading with the highest register; of several, the latest
	Price  Ratio   // at which it burns money now, to that of the readings; zero: the same, or it counts volume
	Ended  bool    // the meter was removed by the month's end, at its final register: Last
}

// Line is one meter's month.
type Line struct {
	Basis  Basis
	Before State
	After  State
	Month  Sum   // After.Done less Before.Done: what is posted, either way
	Sold   int64 // all credit ever sold, in the meter's unit
	Used   int64 // all that the meter was ever seen to burn; the position is more where it is estimated
	Beyond int64 // burnt beyond what was sold: listed, for nothing was paid that could be earned
	Paid   int64 // fen: all that was ever paid for credit, layers included
}

// Left is the money for credit that is not earned yet, in fen.
func (l Line) Left() int64 { return l.Paid - l.After.Done.Gross }

// Month closes the month [from, until) of a meter (RULES C6). It is measured
// where the last reading is of this month or later (what was recorded in a month
// counts in it, and a clock may be ahead) or the meter is gone, else estimated (C5) from
// that reading on. Nothing is earned beyond the credit that was sold, nor what was given back since
// the month ended: prepaid does not have it any more. It fails with ErrLot or
// ledger.ErrOverflow.
func (r Rules) Month(f Facts, from, until time.Time) (Line, error) {
	start, sold := Span(f.Lots)
	line := Line{Basis: None, Before: f.Before, Sold: sold, Used: max(start, f.Last.Used)}
	position := f.Before.Position
	switch {
	case f.Last.At.IsZero():
	case f.Ended || !f.Last.At.Before(from):
		line.Basis, position = Measured, f.Last.Used
	default:
		f.Begun.Used = start
		for _, base := range []Reading{f.Base, f.Begun} {
			if used, ok := r.estimate(base, f.Last, until, f.Price, max(sold, f.Last.Used)); ok {
				line.Basis, position = Estimated, used
				break
			}
		}
	}
	line.Beyond = max(0, f.Last.Used-sold)
	line.After.Position = max(start, min(position, sold))
	var err error
	if line.After.Done, err = f.earned(line.After.Position); err != nil {
		return line, err
	}
	if line.Month, err = line.After.Done.Sub(line.Before.Done); err != nil {
		return line, err
	}
	all, err := Earned(f.Lots, sold)
	line.Paid = all.Gross
	return line, err
}

// earned is what the lots have earned at position, or less where a layer that came
// later says so.
func (f Facts) earned(position int64) (Sum, error) {
	then, err := Earned(f.Lots, position)
	if err != nil || len(f.Later) == 0 {
		return then, err
	}
	now, err := Earned(slices.Concat(f.Lots, f.Later), position)
	if now.Gross < then.Gross {
		return now, err
	}
	return then, err
}
