package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/paper"
	"github.com/vendgate/vendgate/vending/words"
)

func receiptShiftCommand(a *app) *cobra.Command {
	var o pressOptions
	c := &cobra.Command{
		Use:   "shift SHIFT",
		Short: "Print the report of a shift that has closed, as 1-17",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runReceiptShift(c.Context(), a, args[0], o) },
	}
	o.flags(c)
	return c
}

func runReceiptShift(ctx context.Context, a *app, number string, o pressOptions) error {
	print, err := o.press(a, paper.Roll)
	if err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		s, err := d.Store.Shift(ctx, number)
		if err != nil {
			return err
		}
		if s.State != vending.ShiftClosed { // the cashier counts blind: nothing says before what should be there
			return vending.ErrShiftsOpen.With("Date", vending.DateOf(s.Opened).String(), "Shifts", s.Number())
		}
		day, err := d.Store.Day(ctx, vending.DateOf(s.Opened))
		if err != nil {
			return err
		}
		report, err := shiftReportOf(a.words(), s, day)
		if err != nil {
			return err
		}
		report.Company = o.company
		document, err := report.Document(a.words())
		if err != nil {
			return err
		}
		return print(document)
	})
}

func shiftReportOf(w *words.Words, s vending.Shift, day vending.Day) (paper.ShiftReport, error) {
	r := paper.ShiftReport{
		Head:   paper.Head{Number: s.Number(), Cashier: s.Cashier, Shift: s.Number(), At: s.Closed},
		Opened: s.Opened, Closed: s.Closed, FloatFen: s.FloatFen, ExpectedFen: s.Expected, CountedFen: s.Counted, Why: s.Reason, Approved: s.Approved,
	}
	for _, face := range vending.Denominations {
		if n := s.Count[face]; n != 0 {
			r.Counted = append(r.Counted, paper.Coins{DenominationFen: face, Pieces: n})
		}
	}
	if s.BankFen > 0 {
		r.Deposited = append(r.Deposited, paper.Sum{Name: ledger.Bank(s.Bank).String(), Count: 1, Fen: s.BankFen})
	}
	if rest := s.Counted - s.BankFen; rest > 0 {
		r.Deposited = append(r.Deposited, paper.Sum{Name: ledger.Safe(s.Safe).String(), Count: 1, Fen: rest})
	}
	var own []vending.Takings
	for _, t := range day.Takings {
		if t.Shift == s.Number() {
			own = append(own, t)
		}
	}
	var err error
	if r.Means, err = sumsBy(own, func(t vending.Takings) string { return w.Text("paper_by_means", "Means", string(t.Means)) }); err != nil {
		return r, err
	}
	r.Sales, err = sumsBy(own, func(t vending.Takings) string { return t.Class })
	return r, err
}

// sumsBy adds takings up by a name, in the order in which the names come.
func sumsBy(takings []vending.Takings, name func(vending.Takings) string) (sums []paper.Sum, err error) {
	at := map[string]int{}
	for _, t := range takings {
		n := name(t)
		i, ok := at[n]
		if !ok {
			i = len(sums)
			at[n] = i
			sums = append(sums, paper.Sum{Name: n})
		}
		net, err := ledger.Fen(sums[i].Fen).Add(ledger.Fen(t.InFen))
		if err == nil {
			net, err = net.Sub(ledger.Fen(t.OutFen))
		}
		if err != nil {
			return nil, err
		}
		sums[i].Fen, sums[i].Count = net.N, sums[i].Count+t.Count
	}
	return sums, nil
}
