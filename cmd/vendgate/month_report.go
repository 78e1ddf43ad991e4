package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/report"
)

type monthReportOptions struct{ period, kind, format, out string }

func monthReportCommand(a *app) *cobra.Command {
	var o monthReportOptions
	c := &cobra.Command{
		Use:   "report",
		Short: "Write a report of a closed month, tied to the trial balance",
		Long: `Write a report of a closed month, tied to the trial balance.

advance   customers' money with us, by how long it has been
revenue   what was earned, by use class and what it came from
vat       the VAT of the month
credit    credit on cards and in meters, meter by meter, and the money for it
meters    IC meters' own column: how many, sold, consumed, outstanding

Where a report does not add up to the trial balance the difference is named and
no file is left.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMonthReport(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.period, "period", "", "the month, as 2026-10")
	f.StringVar(&o.kind, "kind", "", "advance, revenue, vat, credit or meters")
	f.StringVar(&o.format, "format", string(report.AsCSV), "csv or xlsx")
	f.StringVar(&o.out, "out", "", "file to write (default: stdout)")
	return c
}

func runMonthReport(ctx context.Context, a *app, o monthReportOptions) error {
	period, err := vending.ParsePeriod(o.period)
	if err != nil {
		return err
	}
	keys, ok := vending.Monthly(o.kind).Columns()
	if !ok {
		return usageError{fmt.Errorf("unknown report %q: want advance, revenue, vat, credit or meters", o.kind)}
	}
	format := report.Format(o.format)
	if !format.Known() {
		return usageError{fmt.Errorf("unknown format %q: want csv or xlsx", o.format)}
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		by, err := a.who(ctx, d.Store)
		if err != nil {
			return err
		}
		w := a.words()
		columns := make([]report.Column, len(keys))
		for i, key := range keys {
			columns[i] = report.Column{Key: key, Name: w.Term("column_" + key)}
		}
		return a.toFile(o.out, func(to io.Writer) error {
			table, err := format.New(to, w.Term("report_"+o.kind), columns)
			if err != nil {
				return err
			}
			if err := d.MonthReport(ctx, by, period, vending.Monthly(o.kind), table); err != nil {
				return err
			}
			return table.Close()
		})
	})
}

// toFile has write fill a file, or stdout where no name is given. The file appears
// whole or not at all.
func (a *app) toFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return write(a.out)
	}
	part := name + ".part"
	f, err := os.Create(part)
	if err != nil {
		return fileError(name, err)
	}
	defer os.Remove(part) // gone already where all went well
	defer f.Close()
	if err := write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fileError(name, err)
	}
	if err := os.Rename(part, name); err != nil {
		return fileError(name, err)
	}
	return nil
}

func fileError(name string, err error) error {
	return vending.ErrFileNotWritten.With("File", name, "Reason", err.Error())
}
