package paper

import (
	"strconv"
	"time"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/words"
)

// Sum is a line of a report: so many, so much.
type Sum struct {
	Name  string
	Count int64
	Fen   int64
}

// Coins are the pieces of one denomination that were counted.
type Coins struct {
	DenominationFen int64
	Pieces          int64
}

// ShiftReport is what a shift did and what its drawer held (RULES B7, B8).
type ShiftReport struct {
	Head
	Opened, Closed time.Time
	FloatFen       int64
	Means          []Sum // taken, by means of payment
	Sales          []Sum // sold, by kind
	Counted        []Coins
	ExpectedFen    int64  // cash that the ledger expects
	CountedFen     int64  // cash that was counted
	Why            string // a difference was explained with
	Approved       string // and approved by
	Deposited      []Sum  // to banks and the safe
	Open           []string
}

// Document is the report in a language. It fails with ledger.ErrOverflow where
// the difference does not fit 64 bits.
func (r ShiftReport) Document(w *words.Words) (Document, error) {
	difference, err := ledger.Fen(r.CountedFen).Sub(ledger.Fen(r.ExpectedFen))
	if err != nil {
		return Document{}, err
	}
	d := r.document(w, w.Text("paper_shift_report"))
	when := append(r.who(w), some(
		pair(w.Text("paper_opened"), clock(r.Opened)),
		pair(w.Text("paper_closed"), clock(r.Closed)))...)
	d.Parts = append(d.Parts, append(when, pair(w.Text("paper_float"), money(r.FloatFen))))
	d.sums(w, w.Text("paper_taken"), r.Means)
	d.sums(w, w.Text("paper_sold"), r.Sales)
	count := Part{}
	for _, c := range r.Counted {
		count = append(count, pair(money(c.DenominationFen), "× "+strconv.FormatInt(c.Pieces, 10)))
	}
	name := w.Text("paper_agrees")
	switch {
	case difference.N > 0:
		name = w.Text("paper_over")
	case difference.N < 0:
		name = w.Text("paper_short")
	}
	d.Parts = append(d.Parts, append(count,
		pair(w.Text("paper_expected"), money(r.ExpectedFen)),
		pair(w.Text("paper_counted"), money(r.CountedFen)),
		strong(name, money(difference.N))))
	if why := some(pair(w.Text("paper_reason"), r.Why), pair(w.Text("paper_approved"), r.Approved)); len(why) > 0 {
		d.Parts = append(d.Parts, why)
	}
	d.sums(w, w.Text("paper_deposited"), r.Deposited)
	if len(r.Open) > 0 {
		open := Part{strong(w.Text("paper_open_matters"))}
		for _, matter := range r.Open {
			open = append(open, cells(matter))
		}
		d.Parts = append(d.Parts, open)
	}
	d.signed(w.Text("paper_handed_over"), w.Text("paper_taken_over"))
	return d, nil
}

// ShiftLine is a shift in a day's report.
type ShiftLine struct {
	Shift, Cashier string
	TakenFen       int64
	DifferenceFen  int64
}

// DayReport is the day's close (RULES B7, 日清日结). Chain is the head of the
// company's chain of records: whoever holds this paper can prove later that
// nothing before it was changed.
type DayReport struct {
	Head
	Day      time.Time
	Shifts   []ShiftLine
	Means    []Sum
	Sales    []Sum
	Chain    string
	Unsealed int64 // records since the last seal; 0 where that is not said
}

// Document is the report in a language.
func (r DayReport) Document(w *words.Words) Document {
	d := r.document(w, w.Text("paper_day_report"))
	d.Parts = append(d.Parts, append(Part{pair(w.Text("paper_day"), r.Day.In(vending.Zone).Format(time.DateOnly))}, r.who(w)...))
	table := Part{cells(w.Text("paper_shift"), w.Text("paper_cashier"), w.Text("paper_taken"), w.Text("paper_difference"))}
	for _, l := range r.Shifts {
		table = append(table, cells(l.Shift, l.Cashier, money(l.TakenFen), money(l.DifferenceFen)))
	}
	d.Parts = append(d.Parts, table)
	d.sums(w, w.Text("paper_taken"), r.Means)
	d.sums(w, w.Text("paper_sold"), r.Sales)
	chain := Part{strong(w.Text("paper_chain_head")), cells(r.Chain)}
	if r.Unsealed > 0 {
		chain = append(chain, cells(w.Text("paper_unsealed", "Count", r.Unsealed)))
	}
	d.Parts = append(d.Parts, chain)
	d.signed(w.Text("paper_made_by"), w.Text("paper_checked_by"))
	return d
}

// sums adds a part of sums, where there are any.
func (d *Document) sums(w *words.Words, title string, sums []Sum) {
	if len(sums) == 0 {
		return
	}
	part := Part{cells(title, w.Text("paper_count"), w.Text("paper_amount"))}
	for _, s := range sums {
		part = append(part, cells(s.Name, strconv.FormatInt(s.Count, 10), money(s.Fen)))
	}
	d.Parts = append(d.Parts, part)
}

// signed leaves room for two signatures.
func (d *Document) signed(one, other string) {
	d.Parts = append(d.Parts, Part{cells(" "), cells(one + ": ____________"), cells(" "), cells(other + ": ____________")})
}
