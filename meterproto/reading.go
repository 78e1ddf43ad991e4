package meterproto

import "time"

// Volume is a volume in litres as a meter showed it. A meter that shows
// hundredths of a cubic metre has Resolution 10: the true value lies in
// [Litres, Litres+Resolution). Valid is false where the meter sent "no value"
// (99…9, FF…F); such a Volume has no number in it.
type Volume struct {
	Litres     int64
	Resolution int64
	Span       int64 // after how many litres the register begins again, by its width; 0: not known
	Valid      bool
}

// Purchases is a prepaid meter's view of what it has taken (CJ/T 188 8105).
type Purchases struct {
	Sequence  uint8  // purchase count modulo 256
	Last      Volume // this purchase
	Total     Volume // all purchases
	Remaining Volume
}

// Reading is what one meter said of itself in one exchange or more. Parts that
// were not asked for, or not answered, are nil or not Valid.
type Reading struct {
	Meter      string    // the address that answered, 14 digits
	Time       time.Time // the meter's clock, taken as UTC+8 on the wire; zero where unset
	Consumed   Volume    // cumulative flow
	Settled    Volume    // cumulative flow on the settlement day
	Purchases  *Purchases
	ValveOpen  *bool // nil where the meter said "abnormal" or nothing
	BatteryLow bool
	Registers  []Register // everything that was said, in its order, what is named above included
}
