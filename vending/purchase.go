package vending

import (
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// State of a purchase.
type State string

// A purchase is pending from the intent until its end is proved.
const (
	Pending State = "pending"
	Loaded  State = "loaded" // the credit is on the card
	Voided  State = "voided" // the card was proved untouched; the money is the customer's advance
)

// Event is what was learned about a pending purchase.
type Event string

// What can be learned. Who learned it (card or meter) is the Proof.
const (
	ProvedLoaded    Event = "proved loaded"
	ProvedUntouched Event = "proved untouched"
	NothingProved   Event = "nothing proved"
)

// transitions is the whole life of a purchase. What is not here cannot happen.
var transitions = map[State]map[Event]State{
	Pending: {
		ProvedLoaded:    Loaded,
		ProvedUntouched: Voided,
		NothingProved:   Pending,
	},
}

// Next is the state after an event; false where the purchase has ended.
func (s State) Next(e Event) (State, bool) {
	next, ok := transitions[s][e]
	return next, ok
}

// Proof says who proved how a purchase ended.
type Proof string

// The two witnesses; and what needs none: nothing is taken back off a card that died.
const (
	ByCard    Proof = "card"
	ByMeter   Proof = "meter"
	ByReissue Proof = "reissue"
)

// Means of payment (RULES B4). Advance is money that the customer has with us.
type Means string

// The means that need no reference; the others are in payment.go.
const (
	Cash        Means = "cash"
	FromAdvance Means = "advance"
)

// Purchase is one sale of credit on one card, or takes one back: then Reverses names
// it, and credit, money and debt are the same below zero.
type Purchase struct {
	ID        uuid.UUID // made by the outermost client
	Customer  int64
	Card      string
	Began     string // the card it was begun on, where that died meanwhile and Card carries it; else empty
	Meter     string
	Count     uint32 // the card's purchase count when it is loaded
	Means     Means
	Bank      string // who issued Reference
	Reference string // number of the cheque, slip or payment; empty for cash and advance
	Till      string // the shift that took the money, as "1-17"
	Staff     string // who sold it
	Tariff    Tariff
	Usage     Usage // what the price depended on
	VAT       int   // rate in basis points, contained in the price
	Quote     Quote
	Debt      int64 // fen of the money taken that pay a debt, beside Quote.Money
	Total     int64 // the card's cumulative credit when it is loaded
	State     State
	Attempt   int    // counts those who took it up to write it; only the last one's word that the card is untouched counts
	Doubt     string // why its end was not known at once, for people; empty when nothing went wrong
	Proof     Proof  // who settled it; empty while pending
	Opened    time.Time
	Settled   time.Time // zero while pending
	Reverses  uuid.UUID // the purchase that this one takes back; zero for a sale
	Undone    time.Time // when its other half was recorded: the reversal of a sale that was taken back, and the sale of a reversal
}

// Next is State.Next of this purchase. That the card which carries it is untouched does
// not void one that was begun on another card: that may hold it.
func (p Purchase) Next(e Event) (State, bool) {
	if p.Began != "" && e == ProvedUntouched {
		e = NothingProved
	}
	return p.State.Next(e)
}

// Payment is how it was paid.
func (p Purchase) Payment() Payment {
	return Payment{Means: p.Means, Bank: p.Bank, Reference: p.Reference}
}

func (p Purchase) move(role string, kind ledger.Kind, at time.Time) ledger.Transfer {
	return ledger.Transfer{Customer: p.Customer, ID: ledger.MoveID(p.ID, role), Kind: kind, Cause: p.ID, At: at}
}

// OpenTransfers is the intent: the money is a fact, its exchange for credit is
// pended (DESIGN.md §1), and so is the share of it that pays a debt (RULES B11).
func (p Purchase) OpenTransfers() []ledger.Transfer {
	var out []ledger.Transfer
	if p.Means != FromAdvance && !p.IsReversal() {
		paid := p.move("money", ledger.Single, p.Opened)
		paid.Debit, paid.Credit, paid.Amount = p.Means.Account(p.Till), ledger.Advance(p.Customer), ledger.Fen(p.Quote.Money+p.Debt)
		out = append(out, paid)
	}
	return append(out, p.pended()...)
}

// pended is what waits for the card. What a sale moved, its reversal moves back.
func (p Purchase) pended() []ledger.Transfer {
	if !p.IsReversal() {
		return p.exchanged()
	}
	sale := p
	sale.Quote.Cost, sale.Quote.Credit.N, sale.Debt = -p.Quote.Cost, -p.Quote.Credit.N, -p.Debt
	back := sale.exchanged()
	for i := range back {
		back[i].Debit, back[i].Credit = back[i].Credit, back[i].Debit
	}
	return back
}

// exchanged is what money buys.
func (p Purchase) exchanged() []ledger.Transfer {
	cost := p.move("cost", ledger.Pend, p.Opened)
	cost.Debit, cost.Credit, cost.Amount = ledger.Advance(p.Customer), ledger.Prepaid(p.Customer), ledger.Fen(p.Quote.Cost)
	credit := p.move("credit", ledger.Pend, p.Opened)
	credit.Debit, credit.Credit, credit.Amount = ledger.Sold, ledger.Card(p.first()), p.Quote.Credit
	if p.Debt == 0 {
		return []ledger.Transfer{cost, credit}
	}
	debt := p.move("debt", ledger.Pend, p.Opened)
	debt.Debit, debt.Credit, debt.Amount = ledger.Advance(p.Customer), ledger.Debt(p.Customer), ledger.Fen(p.Debt)
	return []ledger.Transfer{cost, credit, debt}
}

// first is the card to which the credit was pended.
func (p Purchase) first() string {
	if p.Began != "" {
		return p.Began
	}
	return p.Card
}

// SettleTransfers is the end: what was pended is posted when the credit is on
// the card, and voided when it is proved that it is not. Credit that another card
// carries than it was pended to is that one's.
func (p Purchase) SettleTransfers(end State, at time.Time) []ledger.Transfer {
	kind := ledger.Void
	if end == Loaded {
		kind = ledger.Post
	}
	out := p.pended()
	for i, role := range []string{"cost settled", "credit settled", "debt settled"}[:len(out)] {
		out[i] = out[i].Settle(kind, ledger.MoveID(p.ID, role), at)
	}
	if p.Began != "" && end == Loaded {
		carried := p.move("carried", ledger.Single, at)
		carried.Debit, carried.Credit, carried.Amount = ledger.Card(p.Began), ledger.Card(p.Card), p.Quote.Credit
		out = append(out, carried)
	}
	return out
}
