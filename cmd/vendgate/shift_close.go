package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type shiftCloseOptions struct {
	count, deposit, bank, safe, id string
	dryRun                         bool
}

func shiftCloseCommand(a *app) *cobra.Command {
	var o shiftCloseOptions
	c := &cobra.Command{
		Use:   "close SHIFT",
		Short: "Stop sales of a shift, as 1-17, and close it with the cash that was counted",
		Long: `Stop sales of a shift, as 1-17, and close it with the cash that was counted.

The count is blind: what the books expect is said afterwards. A difference wants
a reason (--why) and above the limit somebody's approval (--approve). What is not
deposited at the bank goes into the safe. Exit code 3 says that there was a
difference.`,
		Args: oneArg,
		RunE: func(c *cobra.Command, args []string) error { return runShiftClose(c.Context(), a, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.count, "count", "", "cash by denomination: yuan x pieces, as 100x3,50x1,0.5x4")
	f.StringVar(&o.deposit, "deposit", "0", "yuan of it deposited at the bank today")
	f.StringVar(&o.bank, "bank", "main", "bank account of the deposit")
	f.StringVar(&o.safe, "safe", "main", "safe that takes the rest")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be booked; change nothing (supervisors)")
	return c
}

func runShiftClose(ctx context.Context, a *app, number string, o shiftCloseOptions) error {
	c := vending.Closing{Bank: o.bank, Safe: o.safe, Reason: a.why}
	var err error
	if c.Count, err = vending.ParseCount(o.count); err != nil {
		return err
	}
	if c.BankFen, err = vending.ParseYuan(o.deposit); err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			s, err := d.RehearseClose(ctx, deed, number, c)
			if err != nil {
				return err
			}
			return a.printOne(shiftRecord(s))
		}
		s, done, err := d.CloseShift(ctx, deed, number, c)
		if err != nil {
			return err
		}
		if err := a.listMatters(ctx, d, s.Till); err != nil {
			return err
		}
		head, err := a.head(ctx, d.Store)
		if err != nil {
			return err
		}
		fmt.Fprintln(a.errs, a.words().Text("day_head", "Head", hex.EncodeToString(head)))
		if err := a.didOne(done, shiftRecord(s)); err != nil || s.Difference() == 0 {
			return err
		}
		return &remark{exitDifferences, a.words().Text("shift_differs", "Shift", s.Number(), "Amount", vending.FormatYuan(s.Difference()))}
	})
}

// listMatters says how many open matters a till has: they do not keep a shift open (RULES B8).
func (a *app) listMatters(ctx context.Context, d *counter.Desk, till string) error {
	open, err := d.Store.OpenMatters(ctx, till)
	if err == nil && len(open) > 0 {
		fmt.Fprintln(a.errs, a.words().Text("shift_matters", "Count", len(open)))
	}
	return err
}
