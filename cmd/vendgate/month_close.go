package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

type monthCloseOptions struct {
	period, id     string
	chunk, workers int
	dryRun         bool
}

func monthCloseCommand(a *app) *cobra.Command {
	close := store.DefaultCloseOptions()
	o := monthCloseOptions{chunk: close.Chunk, workers: close.Workers}
	c := &cobra.Command{
		Use:   "close",
		Short: "Close a month: what was burnt becomes revenue and VAT",
		Long: `Close a month: what was burnt becomes revenue and VAT.

Months are closed in their order, once they have ended, with every shift closed
and no purchase in doubt. A close that was broken off goes on where it stopped
when it is run again. A closed month is never changed: what comes late goes into
the open one.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMonthClose(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.period, "period", "", "the month, as 2026-10")
	f.StringVar(&o.id, "id", "", "UUID of this close (default: a new one, which is printed)")
	f.IntVar(&o.chunk, "chunk", o.chunk, "customers in one transaction")
	f.IntVar(&o.workers, "workers", o.workers, "transactions at a time")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be posted; change nothing")
	return c
}

func runMonthClose(ctx context.Context, a *app, o monthCloseOptions) error {
	period, err := vending.ParsePeriod(o.period)
	if err != nil {
		return err
	}
	if o.chunk < 1 || o.workers < 1 {
		return usageError{fmt.Errorf("--chunk and --workers must be at least 1")}
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, vending.CloseDeed, o.id, period)
		if err != nil {
			return err
		}
		close := store.DefaultCloseOptions()
		close.Chunk, close.Workers, close.DryRun = o.chunk, o.workers, o.dryRun
		close.Progress = func(done, _ int64) { a.progress(int(done)) }
		month, err := d.CloseMonth(ctx, deed, period, close)
		if errors.Is(err, vending.ErrRepeated) {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
		} else if err != nil {
			return err
		}
		return a.printOne(monthRecord(month))
	})
}

func monthRecord(m vending.Month) record {
	yuan := func(fen int64) string { return vending.FormatYuan(fen) + " CNY" }
	return record{
		{key: "period", value: vending.FormatPeriod(m.Period)},
		{key: "state", value: string(m.State)},
		{key: "meters", value: m.Meters},
		{key: "measured", value: m.Measured},
		{key: "estimated", value: m.Estimated},
		{key: "beyond", value: m.Beyond},
		{key: "gross_fen", value: m.Earned.Gross, text: yuan(m.Earned.Gross)},
		{key: "vat_fen", value: m.Earned.VAT, text: yuan(m.Earned.VAT)},
		{key: "net_fen", value: m.Earned.Net(), text: yuan(m.Earned.Net())},
		{key: "currency", value: string(ledger.CNY)},
		{key: "closed", value: m.Closed},
	}
}
