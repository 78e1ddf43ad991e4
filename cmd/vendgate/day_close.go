package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type dayCloseOptions struct {
	date, id string
	dryRun   bool
}

func dayCloseCommand(a *app) *cobra.Command {
	var o dayCloseOptions
	c := &cobra.Command{
		Use:   "close",
		Short: "Close a day whose shifts have closed, and print its takings (RULES B7)",
		Long: `Close a day whose shifts have closed, and print its takings by cashier, means
of payment and tariff (RULES B7). Purchases in doubt are listed on stderr and do
not keep the day open; exit code 5 says that there are some. Closing it again
with the same id prints the report again.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDayClose(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.date, "date", "", "the day, as 2026-03-01 (default today)")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	f.BoolVar(&o.dryRun, "dry-run", false, "print the takings so far; close nothing (supervisors)")
	return c
}

func runDayClose(ctx context.Context, a *app, o dayCloseOptions) error {
	date, err := dateOr(o.date, time.Now())
	if err != nil {
		return err
	}
	if o.dryRun {
		return a.withDesk(ctx, func(d *counter.Desk) error {
			if err := d.By.Permit(vending.MaySupervise); err != nil {
				return err
			}
			day, err := d.Store.Day(ctx, date)
			if err != nil {
				return err
			}
			return a.printDay(day)
		})
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if err := deed.By.Permit(vending.MaySupervise); err != nil {
			return err
		}
		head, err := a.head(ctx, d.Store)
		if err != nil {
			return err
		}
		day, done, err := d.CloseDay(ctx, deed, date, head)
		if err != nil {
			return err
		}
		if !done {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
		}
		return a.printDay(day)
	})
}

// printDay prints a day's takings, and its open matters on stderr.
func (a *app) printDay(day vending.Day) error {
	var rs []record
	for _, t := range day.Takings {
		rs = append(rs, record{{key: "date", value: day.Date.String()}, {key: "shift", value: t.Shift}, {key: "cashier", value: t.Cashier},
			{key: "means", value: string(t.Means)}, {key: "class", value: t.Class}, {key: "count", value: t.Count},
			fen("in_fen", t.InFen), fen("out_fen", t.OutFen), currency})
	}
	if err := a.printList(rs); err != nil {
		return err
	}
	if len(day.Head) > 0 {
		fmt.Fprintln(a.errs, a.words().Text("day_head", "Head", hex.EncodeToString(day.Head)))
	}
	if len(day.Open) == 0 {
		return nil
	}
	for _, m := range day.Open {
		fmt.Fprintf(a.errs, "%s %s %d %s %s\n", m.Kind, m.ID, m.Customer, m.Card, vending.FormatYuan(m.MoneyFen))
	}
	return &remark{exitInDoubt, a.words().Text("doubts_remain", "Count", len(day.Open))}
}
