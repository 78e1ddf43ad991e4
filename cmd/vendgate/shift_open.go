package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type shiftOpenOptions struct{ till, float, safe, id string }

func shiftOpenCommand(a *app) *cobra.Command {
	var o shiftOpenOptions
	c := &cobra.Command{
		Use:   "open",
		Short: "Open a till's next shift with its float; --staff is the cashier",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runShiftOpen(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.till, "till", "1", "till")
	f.StringVar(&o.float, "float", "0", "change money from the safe, in yuan")
	f.StringVar(&o.safe, "safe", "main", "safe that the float comes from")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runShiftOpen(ctx context.Context, a *app, o shiftOpenOptions) error {
	fen, err := vending.ParseYuan(o.float)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		s, done, err := d.OpenShift(ctx, deed, counter.ShiftOpening{Till: o.till, FloatFen: fen, Safe: o.safe})
		if err != nil {
			return err
		}
		return a.didOne(done, shiftRecord(s))
	})
}

// withDeed is withDesk for something that is to be done, by --staff and approved
// by --approve, with an id.
func (a *app) withDeed(ctx context.Context, id string, do func(*counter.Desk, vending.Deed) error) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", id, nil)
		if err != nil {
			return err
		}
		return do(d, deed)
	})
}

// didOne prints what a deed did, and says so where it was done before.
func (a *app) didOne(done bool, r record) error {
	if !done {
		fmt.Fprintln(a.errs, a.words().Text("already_done"))
	}
	return a.printOne(r)
}

// fen is a sum of money in a record.
func fen(key string, n int64) field {
	return field{key: key, value: n, text: vending.FormatYuan(n) + " CNY"}
}

// currency says what a record's sums are in.
var currency = field{key: "currency", value: string(ledger.CNY)}

func shiftRecord(s vending.Shift) record {
	return record{
		{key: "shift", value: s.Number()},
		{key: "till", value: s.Till},
		{key: "cashier", value: s.Cashier},
		{key: "state", value: string(s.State)},
		fen("float_fen", s.FloatFen),
		{key: "count", value: s.Count.String()},
		{key: "counts", value: s.Counts},
		fen("expected_fen", s.Expected),
		fen("counted_fen", s.Counted),
		fen("difference_fen", s.Difference()),
		fen("deposited_fen", s.BankFen),
		currency,
		{key: "bank", value: s.Bank},
		{key: "safe", value: s.Safe},
		{key: "reason", value: s.Reason},
		{key: "approved", value: s.Approved},
		{key: "opened", value: s.Opened},
		{key: "closed", value: s.Closed},
	}
}
