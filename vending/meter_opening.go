package vending

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
)

// DeedMeterOpened is the kind of a deed that takes over a meter which another program had sold to.
const DeedMeterOpened = "meter taken over"

// What stands in the way of a meter that has counted purchases before.
var (
	// ErrMeterStranger: the meter has taken what the books have not sold: it must be taken over first.
	ErrMeterStranger = &Error{Kind: NotAllowed, Code: "meter_stranger"}
	// ErrOpeningUnseen: what was confirmed is not what the meter shows.
	ErrOpeningUnseen = &Error{Kind: Invalid, Code: "meter_opening_unseen"}
	// ErrOpeningMoved: somebody else has taken the meter over since it was heard.
	ErrOpeningMoved = &Error{Kind: Locked, Code: "meter_opening_moved"}
	// ErrOpeningCost: what the credit that is left cost is not said, or where there is none.
	ErrOpeningCost = &Error{Kind: Invalid, Code: "meter_opening_cost"}
	// ErrOpeningLess: the books have given the meter more than it can have had.
	ErrOpeningLess = &Error{Kind: NotAllowed, Code: "meter_opening_less"}
)

// MeterOpening brings a meter on a line into the books as it stands: what it has taken, burnt and has left is the opening of
// its accounts, and its next purchase has the count after its last.
type MeterOpening struct {
	Meter   Meter
	Report  Report // what two answers said, as Hear has it
	Before  Books  // that the meter had
	Total   int64  // all credit that it has taken, as the books have it from now on
	CostFen int64  // what the credit that is new to the books cost
	VATBp   int64
}

// testFlow is what a maker may have let through a new meter to test it: a cubic metre, or a kWh.
const testFlow = 1_000

// AsMade reports whether a meter that has counted no purchase is new: it has no credit, and has burnt no more than a maker's test.
// Else its count and total are those of the books by chance. Credit that it was preset with is in no total, and would be the
// customer's without a price, a difference for ever, for a meter that was sold to cannot be taken over any more; what it burnt with
// another company would be this customer's use and tier, and be missing when the rest is refunded. Taken over, either is an opening. Where the
// books have given the meter something, an equal count and total say enough: that sum is nobody else's, and a difference in what is
// left is reconciliation's.
func (r Report) AsMade() bool { return r.Remaining <= 0 && r.Consumed <= testFlow }

// OpenMeter finds where the books of a meter begin. The meter's own total may have begun elsewhere than its register, so that it is
// not what it burnt and has left: then the latter is the books' total, and Offset what they differ by. What the books have given
// it before stands, where the meter does not gainsay it. It fails with ErrNoWireSale where the meter says
// nothing of credit, ErrMeterNotAgreed, ErrCreditOnCard or ErrOpeningLess.
func OpenMeter(m Meter, r Report, b Books) (MeterOpening, error) {
	o := MeterOpening{Meter: m, Report: r, Before: b}
	switch {
	case r.Source != OverWire:
		return o, ErrNoWireSale.With("Meter", m.No)
	case !r.Agreed:
		return o, ErrMeterNotAgreed.With("Meter", m.No)
	case b.OnCard.N != 0:
		return o, ErrCreditOnCard.With("Card", b.Card, "Credit", FormatCredit(b.OnCard))
	}
	burnt, rounding := o.burnt(), 2*r.Resolution-1
	totals := []int64{o.given(), r.Loaded, burnt + r.Remaining}
	if o.given() == 0 { // nothing that could stand
		totals = totals[1:]
	}
	for _, total := range totals {
		left := total - burnt - r.Remaining
		if total >= o.given() && left >= 0 && left < rounding && burnt-r.Consumed < r.Resolution {
			o.Total = total
			return o, nil
		}
	}
	say := func(n int64) string { return FormatCredit(ledger.Amount{N: n, Commodity: m.Commodity}) }
	return o, ErrOpeningLess.With("Meter", m.No, "Given", say(o.given()), "Burnt", say(burnt), "Shows", o.Shows())
}

// given is all credit that the books had given the meter, and burnt all that it has burnt: a coarse register does not take back
// what is booked.
func (o MeterOpening) given() int64 { return o.Before.InMeter.N + o.Before.Consumed.N }
func (o MeterOpening) burnt() int64 { return max(o.Report.Consumed, o.Before.Consumed.N) }

// Offset is the books' total less the one that the report has, which the books may have put right before.
func (o MeterOpening) Offset() int64 { return o.Total - o.Report.Loaded }

// Booked is the report as it goes into the books.
func (o MeterOpening) Booked() Report {
	r := o.Report
	r.Loaded = o.Total
	return r
}

// Fresh is the credit that is left and new to the books.
func (o MeterOpening) Fresh() int64 { return o.Total - max(o.given(), o.burnt()) }

// Shows is what the meter shows, for people.
func (o MeterOpening) Shows() string {
	say := func(n int64) string { return FormatCredit(ledger.Amount{N: n, Commodity: o.Meter.Commodity}) }
	r := o.Report
	return fmt.Sprintf("%d × %s − %s = %s", r.Count, say(r.Loaded), say(r.Consumed), say(r.Remaining))
}

// Priced is the opening with what its fresh credit cost: an obligation that was paid to somebody before (RULES C6). Credit in money
// cost what it is. It fails with ErrOpeningCost where cost is nil and there is such credit, or the other way round.
func (o MeterOpening) Priced(cost *int64, vatBp int64) (MeterOpening, error) {
	o.VATBp = vatBp
	if o.Meter.Commodity == ledger.CNY && cost == nil {
		o.CostFen = o.Fresh()
		return o, nil
	}
	fresh := ledger.Amount{N: o.Fresh(), Commodity: o.Meter.Commodity}
	if (cost != nil) != (fresh.N > 0) || o.Meter.Commodity == ledger.CNY {
		return o, ErrOpeningCost.With("Meter", o.Meter.No, "Credit", FormatCredit(fresh))
	}
	if cost != nil {
		o.CostFen = *cost
	}
	if o.CostFen < 0 || o.CostFen > MaxChargeFen {
		return o, ErrAmountOverflow.With("Amount", FormatYuan(o.CostFen))
	}
	return o, nil
}

// Transfers bring the credit and its cost into the books, as Opening's do; what is burnt of it Booked says.
func (o MeterOpening) Transfers(cause uuid.UUID, at time.Time) (out []ledger.Transfer) {
	for _, part := range []struct {
		role     string
		from, to ledger.Account
		amount   ledger.Amount
	}{
		{"cost", ledger.Opening, ledger.Prepaid(o.Report.Customer), ledger.Fen(o.CostFen)},
		{"credit", ledger.Sold, ledger.Meter(o.Meter.No), ledger.Amount{N: o.Total - o.given(), Commodity: o.Meter.Commodity}},
	} {
		if part.amount.N > 0 {
			out = append(out, ledger.Transfer{Customer: o.Report.Customer, ID: ledger.MoveID(cause, part.role), Kind: ledger.Single,
				Debit: part.from, Credit: part.to, Amount: part.amount, Cause: cause, At: at})
		}
	}
	return out
}

// Lots are the price of the fresh credit; none where there is none.
func (o MeterOpening) Lots() []revenue.Lot {
	if o.Fresh() == 0 {
		return nil
	}
	return []revenue.Lot{{From: o.Total - o.Fresh(), To: o.Total, Cost: o.CostFen, VATbp: o.VATBp}}
}
