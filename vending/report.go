package vending

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Source is how a meter's report reached us.
type Source string

// The ways.
const (
	OverWire  Source = "wire" // read on a serial line
	WriteBack Source = "card" // written back to the card by the meter (返写)
	OnSite    Source = "site" // read by our people: a final reading, or that of a meter taken over

	RegisterOnly Source = "register" // read on a line, of a meter that says nothing of credit
)

// SaysCredit is whether such a report says what the meter has taken and has left.
func (s Source) SaysCredit() bool { return s == OverWire || s == WriteBack }

// Report is what a meter says of itself. All quantities are cumulative, in
// litres or Wh, exact to Resolution: the true value lies in [v, v+Resolution). Of a
// meter that counts money they are fen, and Consumed is Loaded less Remaining: what it
// has burnt of the credit.
type Report struct {
	Customer   int64
	Meter      string
	Source     Source
	MeterTime  time.Time // the meter's clock, UTC
	Loaded     int64     // all credit the meter has taken
	Remaining  int64
	Consumed   int64
	Resolution int64
	ValveOpen  bool
	BatteryLow bool
	Count      uint32 // of purchases that it has taken, as it says; 0: it does not say
	Register   *int64 // of a meter that counts money, what it measured, in litres or Wh: a reading, which moves nothing; else nil
	// Agreed: two answers to two requests said the same of the credit. One alone may have been
	// changed on a line whose checksum has eight bits, and pass.
	Agreed bool  `db:"-"`
	Offset int64 `db:"-"` // by what Loaded is more than the meter shows, as the books had it (MeterOpening)
}

// ID is the same for the same report, however often it is delivered. The
// registers belong to it: a meter whose clock stands still has news all the same.
func (r Report) ID() uuid.UUID {
	return ledger.MoveID(uuid.NameSpaceOID,
		fmt.Sprintf("%s %s %s %d %d", r.Meter, r.Source, r.MeterTime.UTC().Format(time.RFC3339), r.Loaded, r.Consumed))
}

// Latest is the last word of a meter, out of reports in the order in which we
// heard them; false where there is none. Usually the meter's clock says which is
// later: a write-back may reach us weeks after it was made. But clocks are put right,
// and stand still. Registers only grow, so what was heard later and is no lower is
// later, whatever the clock says; what is lower and says that it is later is a
// register that ran backwards, and must show. A coarse register is no lower for what
// it cannot show.
func Latest(heard []Report) (Report, bool) {
	var last Report
	for i, r := range heard {
		if i == 0 || r.MeterTime.After(last.MeterTime) || r.reaches(r.Loaded, last.Loaded) && r.reaches(r.Consumed, last.Consumed) {
			last = r
		}
	}
	return last, len(heard) > 0
}

// reaches says whether a register may stand at n or more, by what the report shows of it.
func (r Report) reaches(shown, n int64) bool { return shown >= n || n-shown < r.Resolution }

// Proves says whether the report proves that the meter has taken pending
// purchase p: the load rule is cumulative, so the meter's total is then p's
// total. A higher one proves nothing: p is the newest, nobody sold more.
func (r Report) Proves(p Purchase) bool {
	before := p.Total - p.Quote.Credit.N
	return r.Loaded > before && r.Loaded <= p.Total && p.Total-r.Loaded < r.Resolution
}

// Books is what the ledger holds about one meter, before a report.
type Books struct {
	Card     string        // the card whose credit the meter takes
	OnCard   ledger.Amount // posted and not yet taken
	Leaving  int64         // of it, what is about to be taken back
	InMeter  ledger.Amount // taken and not yet burnt
	Consumed ledger.Amount // burnt
}

// Transfers is what a report adds to the books: credit that the meter took from
// the card, then what it burnt. Both are differences of cumulative totals, so an
// old report, or the same one again, adds nothing. Credit that the card never
// had is not posted: it stays a difference for reconciliation to show.
func (r Report) Transfers(b Books) []ledger.Transfer {
	var out []ledger.Transfer
	if taken := r.taken(b); taken > 0 {
		out = append(out, r.move("taken", ledger.Card(b.Card), ledger.Meter(r.Meter), taken, b.OnCard.Commodity))
	}
	if burnt := r.Consumed - b.Consumed.N; burnt > 0 {
		out = append(out, r.move("burnt", ledger.Meter(r.Meter), ledger.Consumed(r.Meter), burnt, b.OnCard.Commodity))
	}
	return out
}

// taken is the credit that the meter took and the books still have on the card.
func (r Report) taken(b Books) int64 {
	return min(r.Loaded-b.InMeter.N-b.Consumed.N, b.OnCard.N-b.Leaving)
}

func (r Report) move(role string, from, to ledger.Account, n int64, c ledger.Commodity) ledger.Transfer {
	id := r.ID()
	return ledger.Transfer{Customer: r.Customer, ID: ledger.MoveID(id, role), Kind: ledger.Single, Debit: from, Credit: to,
		Amount: ledger.Amount{N: n, Commodity: c}, Cause: id, At: r.MeterTime}
}
