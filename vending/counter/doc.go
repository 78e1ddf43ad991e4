// Package counter does what people ask for: at the counter, as a card, a top-up, a
// charge or a step in the life of an account, and in the office, as shifts,
// invoices, the files of agents and banks, and the month's close.
//
// A top-up is decided on facts, which are read at one moment, and then is three
// steps, each of which can be cut anywhere (DESIGN.md §1):
//
//	open    one transaction: the purchase is pending, the money is posted, the credit pended
//	load    the card is written, read back and judged by cardio
//	settle  one transaction: posted, voided, or still pending and in doubt
//
// A card dies when it is reported or handed in (ReportCard, ReturnCard), and another one
// follows it (Reissue), which carries what was sold and what is in doubt.
//
// Resume is the last two steps again, for a card whose purchase is pending. There
// is no other path for recovery.
package counter
