package vending

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Arrears are the company's rules for what is not paid in time (RULES B11).
type Arrears struct {
	DueDays  int32 // a charge on account is due so many days after it was raised
	LateBp   int64 // late fee: basis points of the overdue principal for each day
	CapBp    int64 // the late fee never exceeds this part of the principal
	StopDays int32 // what is overdue for more days stops the supply
	FeeFirst bool  // a payment goes to a charge's late fee before its principal
}

// DefaultArrears are the shipped rules: 0.5 % a day, at most the principal,
// supply stops when over 15 days overdue (RULES B11).
func DefaultArrears() Arrears {
	return Arrears{DueDays: 15, LateBp: 50, CapBp: 10_000, StopDays: 15}
}

// Overdue is for how many days a charge is overdue: the day after it was due is
// the first. Nothing is overdue of a charge that is paid.
func (c Charge) Overdue(today Date) int32 {
	if c.Owed() == 0 && c.FeeOwed() == 0 {
		return 0
	}
	return max(0, int32(today)-int32(c.Due))
}

// Stops says whether a charge stops the supply (RULES B11).
func (a Arrears) Stops(c Charge, today Date) bool { return c.Overdue(today) > a.StopDays }

// Accrue brings the late fee of a charge up to a day, that day included (RULES
// B11): LateBp of the unpaid principal for every day after the one it was due.
// It is simple: a late fee bears none. Days are added exactly and only their sum
// is rounded, half a fen up, so it is the same whether asked daily or once. The
// same day again adds nothing; an earlier one neither.
func (a Arrears) Accrue(c Charge, today Date) Charge {
	days := int64(today) - int64(max(c.Through, c.Due))
	if days <= 0 {
		return c
	}
	c.Through = today
	if c.Kind == ChargeLateFee || c.Owed() == 0 {
		return c
	}
	room := max(0, mulSat(c.Amount, a.CapBp)-c.Accrued)
	c.Accrued += min(mulSat(mulSat(c.Owed(), a.LateBp), days), room)
	fee := c.Accrued / 10_000
	if c.Accrued%10_000 >= 5_000 {
		fee++
	}
	c.Fee = max(c.Fee, fee)
	return c
}

// FeeSale is how the growth of a late fee, from before to c, gets into the books.
// VAT is that of the whole fee less what was booked before: it does not depend on
// how often it was asked.
func (c Charge) FeeSale(before Charge, vatBp int64, cause uuid.UUID, at time.Time) []ledger.Transfer {
	net, vat := SplitVAT(c.Fee, vatBp)
	netBefore, vatBefore := SplitVAT(before.Fee, vatBp)
	return c.earn("late fee "+c.Through.String(), cause, ledger.Debt(c.Customer), ChargeLateFee, net-netBefore, vat-vatBefore, at)
}

// Share is what one payment gives to one charge, in fen.
type Share struct {
	Charge         uuid.UUID
	Principal, Fee int64
}

// Allot shares a payment out among charges: the oldest due first, and of each
// its late fee before or after its principal. What no charge needs is left.
func (a Arrears) Allot(charges []Charge, fen int64) (shares []Share, left int64) {
	for _, c := range slices.SortedFunc(slices.Values(charges), olderDue) {
		s := Share{Charge: c.ID}
		take := func(owed int64) int64 {
			part := min(owed, fen)
			fen -= part
			return part
		}
		if a.FeeFirst {
			s.Fee = take(c.FeeOwed())
			s.Principal = take(c.Owed())
		} else {
			s.Principal = take(c.Owed())
			s.Fee = take(c.FeeOwed())
		}
		if s.Principal+s.Fee > 0 {
			shares = append(shares, s)
		}
	}
	return shares, fen
}

func olderDue(a, b Charge) int {
	return cmp.Or(cmp.Compare(a.Due, b.Due), a.Raised.Compare(b.Raised), cmp.Compare(a.ID.String(), b.ID.String()))
}

// DebtShare is how much of a top-up pays the customer's debt (RULES B11).
type DebtShare struct {
	Bp      int64 // basis points of the money
	MinLeft int64 // fen that are always left for credit
}

// Of is the share of moneyFen, rounded down to a fen: never more than is owed, and
// never so much that less than MinLeft is left.
func (s DebtShare) Of(moneyFen, owedFen int64) int64 {
	hi, lo := bits.Mul64(uint64(max(0, moneyFen)), uint64(min(max(0, s.Bp), 10_000)))
	fen, _ := bits.Div64(hi, lo, 10_000)
	share := int64(fen)
	return max(0, min(share, owedFen, moneyFen-max(0, s.MinLeft)))
}

// mulSat is a × b for numbers not below zero, the largest int64 where that is beyond it.
func mulSat(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi > 0 || lo > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(lo)
}

// Paid is a payment of debt, on the day that it was recorded.
type Paid struct {
	On  Date
	Fen int64
}

// Replay brings charges up to a day: the payments made since, in their order, are
// allotted, and late fees accrue until each and until the day. The same charges and
// payments give the same result, whenever it is asked. What no charge needed is left.
func (a Arrears) Replay(charges []Charge, payments []Paid, today Date) (now []Charge, left int64) {
	now = slices.Clone(charges)
	accrue := func(until Date) {
		for i := range now {
			now[i] = a.Accrue(now[i], until)
		}
	}
	for _, p := range payments {
		accrue(p.On)
		shares, rest := a.Allot(now, p.Fen)
		left += rest
		for _, s := range shares {
			i := slices.IndexFunc(now, func(c Charge) bool { return c.ID == s.Charge })
			now[i].Paid += s.Principal
			now[i].FeePaid += s.Fee
		}
	}
	accrue(today)
	return now, left
}
