// Package counter does what people ask for at the counter: issue a card, top
// it up, and settle what was left in doubt.
//
// A top-up is three steps, and each can be cut anywhere (DESIGN.md §1):
//
//	open    one transaction: the purchase is pending, the money is posted, the credit pended
//	load    the card is written, read back and judged by cardio
//	settle  one transaction: posted, voided, or still pending and in doubt
//
// Resume is the last two steps again, for a card whose purchase is pending. There
// is no other path for recovery.
package counter
