// Package vending holds the nouns of the trade and the rules that need nothing
// but themselves: customer, meter, card, purchase, tariff and meter report.
// It is pure: no clock, no database, no card, no line.
//
// A purchase (购气) is money that becomes credit. Its id is made by the
// outermost client and is the idempotency key everywhere. Its states and what
// moves it from one to the next stand in one table (purchase.go), drawn in
// DESIGN.md; a test compares the two.
package vending
