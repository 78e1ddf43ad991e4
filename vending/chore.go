package vending

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// ChoreKind says what waits for a meter on a line.
type ChoreKind string

// What can wait.
const (
	PriceChore ChoreKind = "price"    // the meter counts money and is to be heard to charge the prices in force
	DoubtChore ChoreKind = "purchase" // a purchase over the wire of which nobody knows how it ended
)

// ChoreKinds are all of them.
func ChoreKinds() []ChoreKind { return []ChoreKind{PriceChore, DoubtChore} }

// Chore is something that waits in the books for a meter on a line, and how the tries at it went.
type Chore struct {
	LineMeter
	Kind     ChoreKind
	About    string    // which version of a price list, or which purchase: another one is another chore
	Since    time.Time // it waits since then
	Tries    int       // that failed, in a row
	Declines int       // those of them that the meter declined
	GivenUp  bool      // the meter does not take it: it is not tried again
	Trouble  *Error    // why the last one failed, for people; nil where none did
}

// Limits of chores.
const (
	// HearPricesEvery is how long a meter that was heard to charge the prices in force is believed to charge them still: somebody may have
	// set others by hand.
	HearPricesEvery = 30 * 24 * time.Hour

	// mostDeclined is how often a meter may decline a price, or seem to on a bad line, before it is left alone.
	mostDeclined = 3

	firstChorePause   = time.Minute
	longestChorePause = time.Hour
)

// Ended is the chore after a try, and for how long it is left alone then. cause is nil where the try did what it was to
// do; trouble is what people are told of it. What the meter cannot hold is given up at once, and what it declines the third
// time: until another version is in force, or a person sends it.
func (c Chore) Ended(cause error, trouble *Error) (Chore, time.Duration) {
	if c.Trouble = trouble; cause == nil {
		c.Tries, c.Declines, c.GivenUp = 0, 0, false
		return c, HearPricesEvery
	}
	c.Tries++
	if declined(cause) {
		c.Declines++
	}
	if c.Kind == PriceChore && c.hopeless(cause) {
		c.GivenUp = true
		return c, HearPricesEvery
	}
	return c, min(firstChorePause<<min(c.Tries-1, 6), longestChorePause)
}

// hopeless says whether a price would fare no better the next time.
func (c Chore) hopeless(cause error) bool {
	for _, never := range []error{ErrPriceLine, ErrNotSettable, ErrNotMoneyMeter} {
		if errors.Is(cause, never) {
			return true
		}
	}
	return declined(cause) && c.Declines >= mostDeclined
}

// declined says whether the meter declined. What has not left us, for the sake of our keys, it was not asked.
func declined(cause error) bool {
	return errors.Is(cause, ErrMeterDeclined) && !errors.Is(cause, ErrNotSent)
}

// Deed is what the gateway does: one deed for all tries at a chore, whoever tries.
func (c Chore) Deed() Deed {
	id := ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("customer %d meter %s %s %s", c.Customer, c.Meter, c.Kind, c.About))
	return Deed{ID: id, By: System("gateway")}
}
