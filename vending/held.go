package vending

import (
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Why a report is held (RULES D4).
const HeldJump = "jump"

// HeldReport is a report that was not believed: nothing of it is in the books until somebody
// has looked at it.
type HeldReport struct {
	Report
	ID     uuid.UUID // of the report
	Reason string    // HeldJump
	Held   time.Time
	Ended  HeldEnd
	Counts ledger.Commodity // the meter
}

// HeldEnd is what became of it.
type HeldEnd string

// The ends; empty while nobody has looked.
const (
	HeldPosted  HeldEnd = "posted"
	HeldDropped HeldEnd = "dropped"
)

// Kinds of deed about what meters on lines say.
const (
	DeedHeldPosted  = "held report posted"
	DeedHeldDropped = "held report dropped"
	DeedMeterOnLine = "meter put on a line"
	DeedValve       = "valve order"
	DeedClock       = "meter clock order"
	DeedBase        = "meter register order"
)

// What is refused about held reports.
var (
	ErrNoHeld    = &Error{Kind: NotFound, Code: "no_held_report"}
	ErrHeldEnded = &Error{Kind: NotAllowed, Code: "held_report_ended"}
)
