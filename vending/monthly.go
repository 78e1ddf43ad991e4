package vending

import (
	"slices"
	"time"

	"github.com/vendgate/vendgate/ledger"
)

// Monthly is a report of a closed month (RULES C6, C8).
type Monthly string

// The reports.
const (
	AdvanceReport Monthly = "advance" // what customers' money is with us, by how long it has been
	RevenueReport Monthly = "revenue" // what was earned, by use class and what it came from
	VATReport     Monthly = "vat"
	CreditReport  Monthly = "credit" // credit that is not burnt, meter by meter, and the money for it
	MeterReport   Monthly = "meters" // IC meters' own column: how many, sold, consumed, outstanding (RULES C8)
)

// monthlies are the reports and their columns. Sums end in _fen; quantities are in
// the commodity of their row.
var monthlies = map[Monthly][]string{
	AdvanceReport: {"customer", "account", "balance_fen", "days_31_fen", "days_92_fen", "days_183_fen", "days_366_fen", "older_fen"},
	RevenueReport: {"source", "account", "meters", "measured_fen", "estimated_fen", "net_fen"},
	VATReport:     {"source", "account", "gross_fen", "vat_fen", "net_fen"},
	CreditReport: {"customer", "meter", "class", "commodity", "basis", "on_card", "in_meter", "sold", "used", "position", "beyond",
		"paid_fen", "earned_fen", "left_fen"},
	MeterReport: {"class", "commodity", "meters", "measured", "estimated", "unread", "beyond", "sold_month", "used_month", "outstanding", "left_fen"},
}

// AgeEdges are where the columns of AdvanceReport end.
var AgeEdges = []time.Duration{31 * aDay, 92 * aDay, 183 * aDay, 366 * aDay}

const aDay = 24 * time.Hour

// Columns are the keys of the report's columns; false where there is no such report.
func (m Monthly) Columns() ([]string, bool) {
	columns, ok := monthlies[m]
	return columns, ok
}

// ErrNotTied is a report that does not add up to the trial balance.
var ErrNotTied = &Error{Kind: Failed, Code: "report_not_tied"}

// Holding is what a customer's book has in some account at a month's end.
type Holding struct {
	Account ledger.Account
	Amount  ledger.Amount
	In      []ledger.Transfer // what came in for good, the newest first; taken back revenue is no new money
}

// HoldingsAt sorts the transfers of one customer into what their accounts of some
// classes held at the end of a month. It fails with ledger.ErrOverflow.
func HoldingsAt(period int, transfers []ledger.Transfer, classes ...ledger.Class) ([]Holding, error) {
	var out []Holding
	at := map[ledger.Account]int{}
	add := func(a ledger.Account, n int64, t ledger.Transfer) (err error) {
		if !slices.Contains(classes, a.Class) {
			return nil
		}
		if _, ok := at[a]; !ok {
			at[a] = len(out)
			out = append(out, Holding{Account: a, Amount: ledger.Amount{Commodity: t.Amount.Commodity}})
		}
		h := &out[at[a]]
		if n > 0 && t.Debit.Class != ledger.ClassRevenue && t.Debit.Class != ledger.ClassVAT {
			h.In = append(h.In, t)
		}
		h.Amount, err = h.Amount.Add(ledger.Amount{N: n, Commodity: t.Amount.Commodity})
		return err
	}
	for _, t := range transfers {
		if t.Period > period || t.Kind != ledger.Single && t.Kind != ledger.Post {
			continue
		}
		if err := add(t.Debit, -t.Amount.N, t); err != nil {
			return nil, err
		}
		if err := add(t.Credit, t.Amount.N, t); err != nil {
			return nil, err
		}
	}
	for _, h := range out {
		slices.SortStableFunc(h.In, func(a, b ledger.Transfer) int { return b.Recorded.Compare(a.Recorded) })
	}
	return out, nil
}
