package counter

import (
	"context"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// monthReport is one report in the making.
type monthReport struct {
	books  *store.MonthBooks
	to     Rows
	period int
	trial  []ledger.Turnover
}

// balance is what the trial balance has of a class at the month's end.
func (r *monthReport) balance(c ledger.Class, of ledger.Commodity) (sum int64) {
	for _, t := range r.trial {
		if t.Account.Class == c && t.Commodity == of {
			sum += t.After()
		}
	}
	return sum
}

// moved is what the month did to a class of money, credits less debits.
func (r *monthReport) moved(c ledger.Class) (sum int64) {
	for _, t := range r.trial {
		if t.Account.Class == c {
			sum += t.Credits - t.Debits
		}
	}
	return sum
}

// tie is vending.ErrNotTied where the report and the books differ.
func tie(what string, report, books int64) error {
	if report == books {
		return nil
	}
	return vending.ErrNotTied.With("What", what, "Report", report, "Books", books, "Difference", report-books)
}

// advance is what customers' money is with us, by how long it has been.
func (r *monthReport) advance(ctx context.Context) error {
	total := map[ledger.Class]int64{}
	err := r.books.Pages(ctx, true, func(p store.MonthPage) error {
		return byCustomer(p.Transfers, func(customer int64, moved []ledger.Transfer) error {
			held, err := vending.HoldingsAt(r.period, moved, ledger.ClassAdvance, ledger.ClassPrepaid)
			if err != nil {
				return err
			}
			for _, s := range held {
				total[s.Account.Class] += s.Amount.N
				if s.Amount.N == 0 {
					continue
				}
				row := []any{customer, string(s.Account.Class), s.Amount.N}
				for _, part := range r.age(s) {
					row = append(row, part)
				}
				if err := r.to.Row(row...); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for _, class := range []ledger.Class{ledger.ClassAdvance, ledger.ClassPrepaid} {
		if err == nil {
			err = tie(string(class), total[class], r.balance(class, ledger.CNY))
		}
	}
	return err
}

func (r *monthReport) age(s vending.Holding) []int64 {
	inflows := make([]revenue.Inflow, len(s.In))
	for i, t := range s.In {
		inflows[i] = revenue.Inflow{At: t.Recorded, Fen: t.Amount.N}
	}
	return revenue.Age(s.Amount.N, inflows, vending.PeriodEnd(r.period), vending.AgeEdges)
}

// byCustomer hands over the transfers of one customer after the other; they come in
// the order of customers.
func byCustomer(all []ledger.Transfer, do func(customer int64, moved []ledger.Transfer) error) error {
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].Customer == all[from].Customer {
			to++
		}
		if err := do(all[from].Customer, all[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// credit is the credit on cards and in meters, meter by meter, and the money for it.
// What is on a customer's cards stands with the first of their meters.
func (r *monthReport) credit(ctx context.Context) error {
	left := int64(0)
	out := map[ledger.Commodity]int64{}
	err := r.books.Pages(ctx, true, func(p store.MonthPage) error {
		held, err := r.heldCredit(p, out)
		if err != nil {
			return err
		}
		for _, l := range p.Lines {
			card := owned{l.Customer, ledger.ClassCard, ""}
			meter := owned{l.Customer, ledger.ClassMeter, l.Meter}
			left += l.Left()
			err := r.to.Row(l.Customer, l.Meter, l.Class, string(l.Commodity), string(l.Basis), held[card], held[meter],
				l.Sold, l.Used, l.After.Position, l.Beyond, l.Paid, l.After.Done.Gross, l.Left())
			if err != nil {
				return err
			}
			delete(held, card)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for of, n := range out {
		if err := tie("card, meter", n, r.balance(ledger.ClassCard, of)+r.balance(ledger.ClassMeter, of)); err != nil {
			return err
		}
	}
	return tie(string(ledger.ClassPrepaid), left, r.balance(ledger.ClassPrepaid, ledger.CNY))
}

// owned is a customer's cards, or one of their meters.
type owned struct {
	customer int64
	class    ledger.Class
	meter    string
}

func (r *monthReport) heldCredit(p store.MonthPage, out map[ledger.Commodity]int64) (map[owned]int64, error) {
	held := map[owned]int64{}
	err := byCustomer(p.Transfers, func(customer int64, moved []ledger.Transfer) error {
		holdings, err := vending.HoldingsAt(r.period, moved, ledger.ClassCard, ledger.ClassMeter)
		for _, s := range holdings {
			of := owned{customer, s.Account.Class, ""}
			if s.Account.Class == ledger.ClassMeter {
				of.meter = s.Account.Of
			}
			held[of] += s.Amount.N
			out[s.Amount.Commodity] += s.Amount.N
		}
		return err
	})
	return held, err
}
