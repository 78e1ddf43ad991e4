// Package reconcile holds what was observed against what the ledger says, as a
// bank statement is held against the books. It is pure and corrects nothing: a
// difference becomes a Discrepancy, for a person to explain.
package reconcile

import "fmt"

// Line is one figure of which both sides speak.
type Line struct {
	Subject    string // whose figure, as "meter 10000000000001"
	What       string // which figure
	Observer   string // who observed it: card, meter (wire), meter (card)
	Ledger     int64  // what the books say
	Observed   int64  // what was observed, in the same unit
	Resolution int64  // the true value lies in [Observed, Observed+Resolution); 0 is 1
	Below      int64  // by how much less the ledger may know, where it began with a rounded figure
}

// Discrepancy is a line whose sides disagree. Difference is observed less
// ledger.
type Discrepancy struct {
	Line
	Difference int64
}

func (d Discrepancy) String() string {
	return fmt.Sprintf("%s, %s: %s says %d, the ledger %d, difference %+d", d.Subject, d.What, d.Observer, d.Observed, d.Ledger, d.Difference)
}

// Compare returns the lines that disagree. A figure agrees when the ledger's
// lies within what the observer can show.
func Compare(lines []Line) []Discrepancy {
	var out []Discrepancy
	for _, l := range lines {
		// Unsigned: the distance of two int64 always fits.
		above, below := uint64(l.Ledger)-uint64(l.Observed), uint64(l.Observed)-uint64(l.Ledger)
		if l.Ledger < l.Observed && below > uint64(l.Below) || l.Ledger >= l.Observed && above >= uint64(max(l.Resolution, 1)) {
			out = append(out, Discrepancy{l, l.Observed - l.Ledger})
		}
	}
	return out
}
