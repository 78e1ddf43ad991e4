package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func chargeFixedCommand(a *app) *cobra.Command {
	var until string
	var dryRun bool
	c := &cobra.Command{
		Use:   "fixed",
		Short: "Book everybody's fixed and seasonal charges that have fallen due; the same day again adds nothing",
		Long: `Book everybody's fixed and seasonal charges that have fallen due.

They stand in the price lists ("fixed"), and fall due for whoever is in service
or vacant on their day. Each is charged on account, once: run it every day, or
after a month that was missed. What falls due is also booked before an account
is suspended, sealed, transferred or closed, and when its debt is paid.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runChargeFixed(c.Context(), a, until, dryRun) },
	}
	f := c.Flags()
	f.StringVar(&until, "until", "", "only what fell due until this day, as 2026-03-01 (default: today)")
	f.BoolVar(&dryRun, "dry-run", false, "say what would be booked; change nothing")
	return c
}

func runChargeFixed(ctx context.Context, a *app, until string, dryRun bool) error {
	day := vending.DateOf(time.Now())
	if until != "" {
		var err error
		if day, err = vending.ParseDate(until); err != nil {
			return err
		}
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		if dryRun {
			d = d.Rehearsal()
		}
		seen := 0
		sum, err := d.FixedCharges(ctx, d.By, day, func(int64) {
			seen++
			a.progress(seen)
		})
		if err != nil {
			return err
		}
		return a.printOne(record{{key: "until", value: day.String()}, {key: "customers", value: sum.Customers}, {key: "charges", value: sum.Charges},
			fen("amount_fen", sum.Fen), currency})
	})
}
