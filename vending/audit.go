package vending

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// File is everything that the books hold of one customer.
type File struct {
	Customer  int64
	Purchases []Purchase // by meter, then count
	Reports   []Report
	Transfers []ledger.Transfer
	Charges   []Charge             // on account, paid ones too
	Deeds     map[uuid.UUID]string // the kind of every deed in the book, by its id
	Begun     map[string]uint32    // the count of the last purchase that a meter had taken before it was taken over; 0: none

	Collections  []Taken
	Withholdings []Asked
}

// Audit holds the transfers of a customer against the purchases and reports
// that caused them (DESIGN.md §1): every purchase moved the money and the credit
// that its state says, counts and totals run on without a gap, one purchase a
// card at most is pending, meters burnt what they showed, agents and banks moved what
// their lines say, and nothing else has moved.
func (f File) Audit() []ledger.Violation {
	a := audit{file: f, byCause: map[uuid.UUID][]ledger.Transfer{}}
	for _, t := range f.Transfers {
		a.byCause[t.Cause] = append(a.byCause[t.Cause], t)
	}
	a.pending()
	a.running()
	for _, p := range f.Purchases {
		a.purchase(p)
	}
	a.reports()
	a.charges()
	a.collections()
	a.withholdings()
	a.deeds()
	return a.found
}

type audit struct {
	file    File
	byCause map[uuid.UUID][]ledger.Transfer
	found   []ledger.Violation
}

func (a *audit) fault(invariant, format string, args ...any) {
	detail := fmt.Sprintf("customer %d: ", a.file.Customer) + fmt.Sprintf(format, args...)
	a.found = append(a.found, ledger.Violation{Invariant: invariant, Detail: detail})
}

func (a *audit) pending() {
	on := map[string]int{}
	for _, p := range a.file.Purchases {
		if p.State == Pending {
			on[p.Card]++
		}
	}
	for card, n := range on {
		if n > 1 {
			a.fault("one pending purchase a card at most", "card %s has %d", card, n)
		}
	}
}

// running checks that counts are 1, 2, 3 and so on at each meter, and that the
// cumulative credit is their sum, from what the meter began with (RULES A7; a meter taken over). A voided
// purchase's count is used again.
func (a *audit) running() {
	type last struct {
		count uint32
		total int64
	}
	at := map[string]last{}
	for meter, base := range a.began() {
		at[meter] = last{0, base}
	}
	for meter, count := range a.file.Begun {
		at[meter] = last{count, at[meter].total}
	}
	for _, p := range a.file.Purchases {
		if p.State == Voided {
			continue
		}
		want := last{at[p.Meter].count + 1, at[p.Meter].total + p.Quote.Credit.N}
		if got := (last{p.Count, p.Total}); got != want {
			a.fault("purchase counts and totals run on without a gap", "purchase %s has count %d and total %d, want %d and %d",
				p.ID, got.count, got.total, want.count, want.total)
		}
		at[p.Meter] = last{p.Count, p.Total}
	}
}

// began is the credit that meters began with: taken over from an older system, or
// carried over from the meter they replaced.
func (a *audit) began() map[string]int64 {
	base := map[string]int64{}
	for _, t := range a.file.Transfers {
		kind := a.file.Deeds[t.Cause]
		if t.Credit.Class == ledger.ClassMeter && (kind == DeedMeterReplaced || kind == DeedTakenOver || kind == DeedMeterOpened) {
			base[t.Credit.Of] += t.Amount.N
		}
	}
	return base
}

func (a *audit) purchase(p Purchase) {
	want := p.OpenTransfers()
	if p.State != Pending {
		want = append(want, p.SettleTransfers(p.State, p.Settled)...)
	}
	if p.IsReversal() {
		a.reversal(p)
	} else if !p.Undone.IsZero() && !a.isReversed(p) {
		a.fault("a reversal takes a purchase back", "purchase %s counts as taken back by nothing", p.ID)
	} else if p.Quote.Cost != p.Tariff.Cost(p.Quote.Credit.N, p.Usage) || p.Quote.Cost > p.Quote.Money {
		a.fault("credit costs what the tariff says", "purchase %s: %s for %d fen", p.ID, p.Quote.Credit, p.Quote.Cost)
	}
	if got := a.byCause[p.ID]; !sameMoves(got, want) {
		a.fault("a purchase moves what its state says", "purchase %s is %s, its transfers are %v", p.ID, p.State, moves(got))
	}
	delete(a.byCause, p.ID)
}

// reversal checks that what takes a purchase back comes after it on its card, with
// nothing between that stands, mirrors it, and that the one knows of the other once it is
// done.
func (a *audit) reversal(p Purchase) {
	i := slices.IndexFunc(a.file.Purchases, func(s Purchase) bool { return s.ID == p.Reverses })
	if i < 0 {
		a.fault("a reversal takes a purchase back", "there is no purchase %s", p.Reverses)
		return
	}
	s := a.file.Purchases[i]
	mirrors := s.State == Loaded && !s.IsReversal() && s.Card == p.Card && p.Count > s.Count && p.Total == s.Total-s.Quote.Credit.N && s.Undone.IsZero() != (p.State == Loaded) &&
		p.Undone.IsZero() != (p.State == Loaded) && p.Quote.Money == -s.Quote.Money && p.Quote.Cost == -s.Quote.Cost &&
		p.Quote.Credit.N == -s.Quote.Credit.N && p.Debt == -s.Debt
	if !mirrors && p.State != Voided {
		a.fault("a reversal takes a purchase back", "%s does not mirror %s", p.ID, s.ID)
	}
}

func (a *audit) isReversed(p Purchase) bool {
	return slices.ContainsFunc(a.file.Purchases, func(r Purchase) bool { return r.Reverses == p.ID && r.State == Loaded })
}

// reports checks that reports moved credit into their own meter and out of it, no
// more than the meter says it took, and exactly what it says it burnt.
func (a *audit) reports() {
	type sums struct{ loaded, consumed, taken, burnt int64 }
	of := map[string]sums{}
	for _, r := range a.file.Reports {
		sum := of[r.Meter]
		sum.loaded, sum.consumed = max(sum.loaded, r.Loaded), max(sum.consumed, r.Consumed)
		for _, t := range a.byCause[r.ID()] {
			n, c := t.Amount.N, t.Amount.Commodity
			switch move(t) {
			case move(r.move("taken", ledger.Account{Class: ledger.ClassCard, Of: t.Debit.Of}, ledger.Meter(r.Meter), n, c)):
				sum.taken += n
			case move(r.move(takenLater, ledger.Account{Class: ledger.ClassCard, Of: t.Debit.Of}, ledger.Meter(r.Meter), n, c)):
				sum.taken += n
			case move(r.move("burnt", ledger.Meter(r.Meter), ledger.Consumed(r.Meter), n, c)):
				sum.burnt += n
			default:
				a.fault("a report moves credit of its meter", "report %s of meter %s moves %s", r.ID(), r.Meter, move(t))
			}
		}
		of[r.Meter] = sum
		delete(a.byCause, r.ID())
	}
	for meter, sum := range of {
		if sum.taken > sum.loaded || sum.burnt != sum.consumed {
			a.fault("a meter took and burnt what it says", "meter %s: taken %d of %d, burnt %d of %d",
				meter, sum.taken, sum.loaded, sum.burnt, sum.consumed)
		}
	}
}

// charges checks that what was earned on account are the charges and their late
// fees, and that no more was allotted to them than was paid. What else is owed, as
// for a price change, bears no late fee and is paid last.
func (a *audit) charges() {
	var raised, paid, allotted int64
	for _, c := range a.file.Charges {
		if kind := a.file.Deeds[c.ID]; kind == DeedChargePaid || kind == DeedReissuedPaid {
			continue // at once
		}
		raised += c.Amount + c.Fee
		allotted += c.Paid + c.FeePaid
	}
	for _, t := range a.file.Transfers {
		switch {
		case t.Kind != ledger.Single && t.Kind != ledger.Post:
		case t.Debit.Class == ledger.ClassDebt && (t.Credit.Class == ledger.ClassRevenue || t.Credit.Class == ledger.ClassVAT):
			raised -= t.Amount.N
		case t.Credit.Class == ledger.ClassDebt:
			paid += t.Amount.N
		}
	}
	if raised != 0 || allotted > paid {
		a.fault("what is earned on account is charged", "charges differ from what was earned on account by %d fen; %d of %d fen paid are allotted",
			raised, allotted, paid)
	}
}

// deeds checks what is left: the transfers of other deeds, each against what its kind
// may move.
func (a *audit) deeds() {
	for cause, moved := range a.byCause {
		kind, ok := a.file.Deeds[cause]
		if !ok {
			a.fault("every transfer has its purchase, report or deed", "%d transfers are caused by %s, which is none", len(moved), cause)
			continue
		}
		for _, t := range moved {
			if t.Kind != ledger.Single || !DeedMay(kind, t) {
				a.fault("a deed moves what its kind may", "%s %s moves %s", kind, cause, move(t))
			}
		}
	}
}

func sameMoves(got, want []ledger.Transfer) bool {
	return slices.Equal(moves(got), moves(want))
}

func moves(list []ledger.Transfer) []string {
	var out []string
	for _, t := range list {
		out = append(out, move(t))
	}
	slices.Sort(out)
	return out
}

// move is all of a transfer that follows from its cause.
func move(t ledger.Transfer) string {
	return fmt.Sprintf("%s %s %s %s→%s %s", t.ID, t.Kind, t.Pend, t.Debit, t.Credit, t.Amount)
}
