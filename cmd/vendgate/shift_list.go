package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type shiftListOptions struct {
	date string
	open bool
}

func shiftListCommand(a *app) *cobra.Command {
	var o shiftListOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List the shifts of a day, or all that are not closed",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runShiftList(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.date, "date", "", "day on which they opened, as 2026-03-01 (default today)")
	f.BoolVar(&o.open, "open", false, "those that are not closed, whenever they opened")
	return c
}

func runShiftList(ctx context.Context, a *app, o shiftListOptions) error {
	date, err := dateOr(o.date, time.Now())
	if err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		shifts, err := d.Store.ShiftsOf(ctx, date, o.open)
		if err != nil {
			return err
		}
		var rs []record
		for _, s := range shifts {
			rs = append(rs, shiftRecord(s))
		}
		return a.printList(rs)
	})
}

// dateOr reads a day; empty is the day that it is.
func dateOr(text string, now time.Time) (vending.Date, error) {
	if text == "" {
		return vending.DateOf(now), nil
	}
	return vending.ParseDate(text)
}
