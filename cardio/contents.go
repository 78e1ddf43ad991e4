package cardio

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

// Unit is what a card's credit counts.
type Unit uint8

// The units of credit: volume in litres, energy in Wh, money in fen. The
// numbers are those of the vg1 layout and never change.
const (
	Litre    Unit = 1
	WattHour Unit = 2
	Fen      Unit = 3
)

// LoadRule is how the meter keeps from taking one credit twice (DESIGN.md §3). The
// card's layout states it; what the counter may do follows from it.
type LoadRule uint8

// The load rules. The zero value is none: no layout goes without one.
const (
	ByCounter  LoadRule = iota + 1 // takes a card whose count is its own + 1; a count is taken once
	Cumulative                     // takes the card's total less its own total
	ByHistory                      // as ByCounter, and makes up for the one or two it missed from those before
	ByBalance                      // takes from the balance of an e-purse what it wants: every load adds to it
)

// String is the word that a layout file has for the rule; none where it is none.
func (r LoadRule) String() string {
	switch r {
	case ByCounter:
		return "counter"
	case Cumulative:
		return "cumulative"
	case ByHistory:
		return "history"
	case ByBalance:
		return "balance"
	default:
		return ""
	}
}

// UID is the chip's serial number. It cannot be changed and diversifies every key.
type UID [8]byte

// Identity says which card this is and which meter it works (RULES C1).
type Identity struct {
	UID        UID
	Utility    uint32 // the company's number; a card of another one fails its MAC
	Number     string // the card number printed on it, up to 16 digits
	Meter      string // the meter's 14-digit number
	KeyVersion uint8
	Unit       Unit
}

// Purse is what the vendor last wrote for the meter.
type Purse struct {
	Generation uint32    // of the write: every write of the purse counts up
	Count      uint32    // purchase count (购气次数)
	Credit     int64     // this purchase, in Identity.Unit
	Total      int64     // all purchases, in Identity.Unit
	Purchase   uuid.UUID // the purchase that was written; zero on a card just issued
	Balance    int64     // of an e-purse, what the meter has not taken, in Identity.Unit
	Before     [2]int64  // credit of the purchase before, and of the one before that (load rule history)
	Lacks      Lack      // what the layout has no place for
}

// Lack says which values a layout has no place for; ours has all.
type Lack uint8

// The values that a purse or a write-back may lack. What it lacks is zero.
const (
	LacksPurchase Lack = 1 << iota
	LacksCount
	LacksCredit
	LacksTotal
	LacksLoaded   // of a write-back
	LacksConsumed // of a write-back
)

// Has tells whether one of them is lacking.
func (l Lack) Has(one Lack) bool { return l&one != 0 }

// WriteBack (返写) is the meter's last word about itself, MACed by the meter.
type WriteBack struct {
	Sequence   uint32    // counts the meter's write-backs
	MeterTime  time.Time // the meter's own clock, UTC, whole seconds; zero where it does not say
	Count      uint32    // the last purchase count the meter took
	Loaded     int64     // all credit the meter has taken
	Remaining  int64
	Consumed   int64
	ValveOpen  bool
	BatteryLow bool
	Tamper     uint8     // one bit a cause, zero when never opened or disturbed
	MonthEnd   [12]int64 // register at the last twelve month ends, newest first
	Resolution int64     // of the quantities: the true value lies in [v, v+Resolution)
	Lacks      Lack      // what the layout has no place for
}

// Contents is everything a caller may know of a card.
type Contents struct {
	Rule      LoadRule // of the layout
	Identity  Identity
	Purse     Purse
	OneCopy   bool       // the other purse slot is torn or was never written
	WriteBack *WriteBack // nil: none yet, or torn in the meter (the next insertion renews it)
	PriceRoom int        // how many prices a load can bring to the meter
	Charges   Prices     // what the meter, by its write-back, charges; none where it counts volume, or does not say
	BackTorn  bool       // the meter was interrupted while it wrote back: what it has taken is not known
}

// Order is one credit write. Total is the card's new cumulative total, so
// Total - Credit is what it must hold now. Below zero it takes credit back that the
// meter has not taken: the card then shows no credit, and the total from before.
type Order struct {
	Purchase uuid.UUID
	Count    uint32
	Credit   int64
	Total    int64
	Prices   Prices // for a meter that counts money, PriceRoom at most; none: what is on the card stays
	Again    bool   // it may have gone out before: over a line it may be on its way still
}

// Step is one price that a meter which counts money applies to what it measures.
type Step = cardfile.Step

// Prices are the steps of such a meter, in their order; the rest is zero.
type Prices [8]Step

// Steps are those that there are.
func (p *Prices) Steps() []Step {
	for i, s := range p {
		if s == (Step{}) {
			return p[:i]
		}
	}
	return p[:]
}

// shown is the credit that the card shows for the order.
func (o Order) shown() int64 { return max(0, o.Credit) }

// allows holds an order that would be written against what the meter may do with it: ErrOrderNotValid where it takes
// back what the meter has or may have taken (a meter that goes by the count is not told less once it was told more), ErrUnloaded where it would take the place of credit that the meter, for
// all that the card says, has not taken, ErrNoUnload where it takes anything back from an e-purse.
func (c Contents) allows(o Order) error {
	if o.Credit < 0 && c.Rule == ByBalance {
		return ErrNoUnload
	}
	if o.Credit < 0 && (c.Rule == ByCounter || c.BackTorn || c.WriteBack != nil && c.taken(o)) {
		return fmt.Errorf("%w: what it takes back the meter has taken, or may have", ErrOrderNotValid)
	}
	if last := c.replaced(); last > 0 && (c.WriteBack == nil || c.WriteBack.Count < last) {
		return fmt.Errorf("%w: purchase %d", ErrUnloaded, last)
	}
	return nil
}

// taken tells whether the meter, by its write-back, has taken what the order takes back.
func (c Contents) taken(o Order) bool {
	if c.Rule == Cumulative {
		return c.WriteBack.Loaded > o.Total || c.WriteBack.Lacks.Has(LacksLoaded)
	}
	return c.WriteBack.Count >= c.Purse.Count
}

// replaced is the count of the purchase whose credit the next one takes the place of, 0 where there is none. What is
// cumulative loses nothing; a history has room for two more.
func (c Contents) replaced() uint32 {
	switch {
	case c.Rule == ByCounter && c.Purse.Credit > 0:
		return c.Purse.Count
	case c.Rule == ByHistory && c.Purse.Before[1] > 0:
		return c.Purse.Count - 2
	}
	return 0
}
