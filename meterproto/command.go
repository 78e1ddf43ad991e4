package meterproto

import (
	"fmt"
	"time"
)

// CreditUnit is what a prepaid meter counts its credit in. Nothing on the wire
// tells it, so whoever sells says it, and a driver refuses what its meter does
// not count.
type CreditUnit uint8

// The units of credit: a hundredth of a yuan, and what volume and energy are counted in.
const (
	CreditFen CreditUnit = iota + 1
	CreditLitres
	CreditWattHours
)

// String is the unit's symbol.
func (u CreditUnit) String() string {
	switch u {
	case CreditFen:
		return "fen"
	case CreditLitres:
		return "L"
	case CreditWattHours:
		return "Wh"
	}
	return "?"
}

// Credit is an amount of what a meter counts. Valid is false where the meter
// sent "no value". Resolution is the step in which the meter shows it: 10 litres
// where it shows hundredths of a cubic metre; 0 where the amount is exact.
type Credit struct {
	N          int64
	Unit       CreditUnit
	Resolution int64
	Valid      bool
}

// Order is a purchase that is sent to a meter over the wire. Count is the
// purchase's number and the key by which a meter knows a repetition: an order
// whose answer was lost is sent again with the same Count, or not at all.
type Order struct {
	Count    uint32
	Amount   int64
	Unit     CreditUnit
	Customer string // the number that the meter holds for its customer, where its protocol wants it
}

// Outcome is what became of a command.
type Outcome uint8

// The outcomes. The zero value is the cautious one.
const (
	Unknown Outcome = iota // the answer was lost or makes no sense: it may have happened or not
	Done                   // the meter says that it did it
	Already                // the meter says that it has done it before
	Refused                // it did not happen: the meter declined, or nothing was sent
)

// String names the outcome.
func (o Outcome) String() string {
	if names := [...]string{"unknown", "done", "already done", "refused"}; int(o) < len(names) {
		return names[o]
	}
	return "?"
}

// Result is the end of a command that changes something in a meter. Reason says
// why where the Outcome is Unknown or Refused; it wraps one of this package's
// sentinels, the context's error, or says which argument is wrong.
type Result struct {
	Outcome Outcome
	Reason  error
}

// Err is nil where the command has happened, now or before.
func (r Result) Err() error {
	if r.Outcome == Done || r.Outcome == Already {
		return nil
	}
	return fmt.Errorf("%v: %w", r.Outcome, r.Reason)
}

// Taken is what a prepaid meter says of the purchases it has taken: the read-back
// that judges an [Order].
type Taken struct {
	Meter     string // the address that answered
	Count     uint32 // of the last purchase
	Modulus   uint32 // the meter counts modulo this (256 in CJ/T 188); 0: it shows the whole count
	Step      int64  // it takes orders in multiples of this; 0: in any amount
	Last      Credit
	Total     Credit
	Remaining Credit
}

// Holds reports whether the meter's last purchase has this count, as far as the meter
// shows it.
func (t Taken) Holds(count uint32) bool {
	if t.Modulus == 0 {
		return t.Count == count
	}
	return t.Count%t.Modulus == count%t.Modulus
}

// Prices is a price list as a meter that counts money holds it: Fen for a thousand of what it measures (litres or watt-hours, as Of
// says), in steps; step n ends at Upto[n] of them, the last one does not end. From is when it begins, as far as the meter can say it: to the
// minute, or the day. A list without a price is what a meter charges that no such list can say.
type Prices struct {
	Fen  []int64
	Upto []int64
	Of   CreditUnit
	From time.Time
}
