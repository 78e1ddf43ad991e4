// Package revenue says what of the money for credit has been earned (RULES C6).
//
// Credit is sold in lots, each for what was really paid. A meter burns them
// first in, first out: its position is all that it has ever burnt, in the unit
// of its credit, and what was earned follows from lots and position alone.
// A month is what follows now, less what was recognised before. So an estimate
// (RULES C5) corrects itself at the next measurement, a price true-up in the
// next month, and over a meter's life not a fen is lost or made.
//
// It is pure: the facts are handed to it.
package revenue
