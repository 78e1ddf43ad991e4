package vending

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Facts are everything that a sale on a card depends on, as the books had it at one
// moment. A sale that was decided on them is stored only if the book's head is
// still Head.
type Facts struct {
	Now      time.Time // the database's clock
	Head     ledger.Head
	Customer Customer
	Since    time.Time // when the customer's account was opened
	Card     Card
	Meter    Meter
	Seller   Actor
	Shift    Shift     // of the till that is to take the money; No is 0 where none is open
	Prices   Versions  // of the customer's tariff
	Count    uint32    // of the last loaded purchase: what the card must show
	Total    int64     // likewise
	Share    DebtShare // of a top-up that pays debt
	Party    time.Time // from when on the customer's party is supplied; zero: for longer than is asked
	History  []Before  // the customer's purchases of this commodity, of the last thirteen months
	Consumed int64     // by all meters of the customer, at CountedFrom; asked where the tariff counts consumption
	Pending  *Purchase // on this card
	Same     *Purchase // that has the id asked for, whoever's it is
	Heard    bool      // the report asked about is in the books
	Balances []ledger.Balance

	read time.Time // by our own clock, when Now was it
}

// Before is a purchase as far as tiers and limits ask.
type Before struct {
	At     time.Time
	Fen    int64
	Credit int64
}

// ReadAt says at which time of our own clock the facts were read.
func (f *Facts) ReadAt(own time.Time) { f.read = own }

// Clock is the database's clock at a later time of our own.
func (f Facts) Clock(own time.Time) time.Time { return f.Now.Add(own.Sub(f.read)) }

// Balance is one of the customer's balances; zero where nothing was ever moved.
func (f Facts) Balance(a ledger.Account, c ledger.Commodity) ledger.Balance {
	for _, b := range f.Balances {
		if b.Account == a && b.Commodity == c {
			return b
		}
	}
	return ledger.Balance{Customer: f.Customer.No, Account: a, Commodity: c}
}

// Books is what the ledger holds about the meter.
func (f Facts) Books() Books {
	of := func(a ledger.Account) ledger.Amount {
		return ledger.Amount{N: f.Balance(a, f.Meter.Commodity).Posted, Commodity: f.Meter.Commodity}
	}
	return Books{Card: f.Card.No, OnCard: of(ledger.Card(f.Card.No)), InMeter: of(ledger.Meter(f.Meter.No)),
		Consumed: of(ledger.Consumed(f.Meter.No))}
}

// Owed is what the customer owes, in fen; what is pended to be paid is not owed twice.
func (f Facts) Owed() int64 {
	b := f.Balance(ledger.Debt(f.Customer.No), ledger.CNY)
	return max(0, -b.Posted-b.Incoming)
}

// CountedFrom is from when on units count against the tiers of the year: from its
// beginning, or where each party has a part of each tier, from when this one came.
func (f Facts) CountedFrom(t Tariff) time.Time {
	from, _ := t.TierYear(f.Now)
	if t.ProRata && f.Party.After(from) {
		return f.Party
	}
	return from
}

// usage is what the price of the next unit depends on. The units of a meter that
// was replaced count on. What is paid for money depends on nothing.
func (f Facts) usage(t Tariff) Usage {
	if t.CountsMoney() {
		return Usage{}
	}
	from := f.CountedFrom(t)
	c := UnitCount{Outstanding: f.Books().OnCard.N + f.Books().InMeter.N, Consumed: -f.Consumed}
	for _, b := range f.Balances {
		if b.Account.Class == ledger.ClassConsumed && b.Commodity == f.Meter.Commodity {
			c.Consumed += b.Posted
		}
	}
	for _, b := range f.History {
		if !b.At.Before(from) {
			c.Bought += b.Credit
		}
	}
	return Usage{Used: t.Used(c), Persons: f.Customer.Persons, Months: t.Months(f.Party, f.Now)}
}

// bought is what limits ask.
func (f Facts) bought() Bought {
	since, _, near := f.Prices.Rise(f.Now)
	month, year := PeriodStart(PeriodOf(f.Now)), f.Now.AddDate(-1, 0, 0)
	b := Bought{Rising: near}
	for _, h := range f.History {
		if !h.At.Before(month) {
			b.MonthFen, b.MonthUnits = b.MonthFen+h.Fen, b.MonthUnits+h.Credit
		}
		if near && !h.At.Before(since) {
			b.NearUnits += h.Credit
		}
		if !h.At.Before(year) {
			b.Average += h.Credit
		}
	}
	b.Average /= f.months()
	return b
}

// months is for how many months of the last year there has been a customer, 1 to 12.
func (f Facts) months() int64 {
	now, since := f.Now.In(Zone), f.Since.In(Zone)
	months := (now.Year()-since.Year())*12 + int(now.Month()) - int(since.Month())
	return int64(min(12, max(1, months)))
}

// String shows a count and a total, or an e-purse's balance, to people.
func (s Shown) String() string {
	if s.HasBalance {
		return fmt.Sprintf("%d: %s", s.Count, FormatYuan(s.Balance))
	}
	return fmt.Sprintf("%d × %s", s.Count, FormatCredit(ledger.Amount{N: s.Total, Commodity: s.Commodity}))
}

// Sale is what is asked for.
type Sale struct {
	ID       uuid.UUID
	MoneyFen int64
	Payment
	Shows   Shown    // what the card in the reader shows
	Rule    LoadRule // of the card
	Untaken int      // purchases on it that the meter has not taken, counted where the rule bounds them
	Step    int64    // the meter takes credit in multiples of it; 0: as the list sells it
}

// Shown is what a card shows of itself. Some makers' cards have no place for a count, or for a total.
type Shown struct {
	Count     uint32
	Total     int64
	Commodity ledger.Commodity
	NoCount   bool // Count is not the card's word
	NoTotal   bool // Total is not

	// Of an e-purse: what the meter has not taken of it. The books never know of more that was
	// taken than was, so they hold that much at least.
	Balance    int64
	HasBalance bool
}

// Agrees says whether the card gainsays nothing that the books hold.
func (s Shown) Agrees(books Shown) bool {
	return s.Commodity == books.Commodity && (s.NoCount || s.Count == books.Count) && (s.NoTotal || s.Total == books.Total) &&
		(!s.HasBalance || s.Balance <= books.Balance)
}

// Sell decides whether a sale may be made, and what it is; the purchase is pending
// and not stored. It is every rule of RULES B10 and of the tariff. maxTotal is the
// largest cumulative credit that a card can carry.
func (f Facts) Sell(s Sale, maxTotal int64) (Purchase, error) {
	p := Purchase{ID: s.ID, Customer: f.Customer.No, Card: f.Card.No, Meter: f.Meter.No, Means: s.Means, Bank: s.Bank, Reference: s.Reference,
		Till: f.Shift.Number(), Staff: f.Seller.Staff, State: Pending, Attempt: 1, Opened: f.Now}
	if err := f.maySell(s); err != nil {
		return p, err
	}
	var err error
	if p.Tariff, err = f.Prices.InForce(f.Now); err != nil {
		return p, err
	}
	p.VAT = int(p.Tariff.VATBp)
	if s.Means != FromAdvance {
		p.Debt = f.Share.Of(s.MoneyFen, f.Owed())
	} else {
		p.Till = ""
	}
	p.Usage = f.usage(p.Tariff)
	if p.Quote, err = p.Tariff.InSteps(s.Step).Quote(s.MoneyFen-p.Debt, p.Usage); err != nil {
		return p, err
	}
	if err := p.Tariff.Allow(p.Quote, f.bought()); err != nil {
		return p, err
	}
	if err := f.agrees(s.Shows, p.Tariff); err != nil {
		return p, err
	}
	if err := s.Rule.holds(f.Card.No, s.Untaken); err != nil {
		return p, err
	}
	p.Count, p.Total = f.Count+1, f.Total+p.Quote.Credit.N
	return p, f.fits(p, maxTotal)
}

// maySell is what does not depend on the amount.
func (f Facts) maySell(s Sale) error {
	if err := f.Seller.Permit(MaySell); err != nil {
		return err
	}
	if !f.Customer.Status.MaySell() {
		return ErrCustomerClosed.With("Customer", f.Customer.No, "Status", f.Customer.Status)
	}
	if err := f.Card.Sellable(); err != nil {
		return err
	}
	if p := f.Pending; p != nil {
		return ErrUnresolved.With("Card", f.Card.No, "ID", p.ID, "Amount", FormatYuan(p.Quote.Money))
	}
	if err := s.Payment.Valid(f.commercial()); err != nil {
		return err
	}
	if s.Means == FromAdvance {
		return nil
	}
	return f.Shift.MayTake(f.Seller)
}

// commercial says whether the customer's price list is not one for households.
func (f Facts) commercial() bool {
	return len(f.Prices) > 0 && f.Prices[0].Class != Residential && f.Prices[0].Class != ResidentialBulk
}

// agrees holds the card against the books: on a card that does not show the last
// purchase nothing can be sold, for nothing could be proved of it.
func (f Facts) agrees(now Shown, t Tariff) error {
	books := Shown{Count: f.Count, Total: f.Total, Commodity: t.Commodity, Balance: f.Books().OnCard.N, HasBalance: now.HasBalance}
	if now.Agrees(books) {
		return nil
	}
	return ErrCardDisagrees.With("Card", f.Card.No, "Shows", now.String(), "Books", books.String())
}

// fits refuses what the meter or the card could not hold (RULES B10).
func (f Facts) fits(p Purchase, maxTotal int64) error {
	books := f.Books()
	held := books.OnCard.N + books.InMeter.N
	if held+p.Quote.Credit.N > f.Meter.MaxCredit || p.Total > maxTotal {
		show := func(n int64) string { return FormatCredit(ledger.Amount{N: n, Commodity: f.Meter.Commodity}) }
		return ErrMeterFull.With("Meter", p.Meter, "Held", show(held), "Buys", show(p.Quote.Credit.N), "Max", show(f.Meter.MaxCredit))
	}
	return nil
}

// Pays refuses a purchase from an advance that does not hold its cost. The books
// themselves would refuse it; a quote asks here.
func (f Facts) Pays(p Purchase) error {
	if p.Means == FromAdvance && f.Balance(ledger.Advance(f.Customer.No), ledger.CNY).Free().N < p.Quote.Cost {
		return ErrAdvanceShort
	}
	return nil
}
