package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
	"github.com/vendgate/vendgate/vending/counter"
)

type withholdingImportOptions struct {
	bank, format string
	dryRun       bool
}

func withholdingImportCommand(a *app) *cobra.Command {
	var o withholdingImportOptions
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take a bank's results of withholding; the same again changes nothing (exit 3 where any does not fit)",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runWithholdingImport(c.Context(), a, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.bank, "bank", "", "the bank, by its code in our books")
	f.StringVar(&o.format, "format", "", "file that describes the results, with columns reference and result: see vendgate bank add --help")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what the file would do; change nothing")
	return c
}

func runWithholdingImport(ctx context.Context, a *app, path string, o withholdingImportOptions) error {
	description, err := os.Open(o.format)
	if err != nil {
		return usageError{err}
	}
	defer description.Close()
	format, err := bankfile.ReadFormat(description)
	if err != nil {
		return err
	}
	if !format.SaysResults() {
		return bankfile.ErrDescription.With("Reason", "result")
	}
	content, err := os.Open(path)
	if err != nil {
		return usageError{err}
	}
	defer content.Close()
	return a.withDesk(ctx, func(d *counter.Desk) error {
		by, err := a.who(ctx, d.Store)
		if err != nil {
			return err
		}
		if o.dryRun {
			d = d.Rehearsal()
		}
		got, err := d.TakeWithheld(ctx, by, o.bank, format, content)
		a.wrongLines(got.File)
		if err != nil {
			return err
		}
		return a.withheld(got)
	})
}

// withheld prints what results did, and lists on stderr what did not fit.
func (a *app) withheld(got counter.Withheld) error {
	refused := int64(0)
	for _, l := range got.Refused {
		refused += l.Fen
	}
	err := a.printOne(record{
		{key: "paid", value: got.Paid},
		fen("paid_fen", got.PaidFen),
		{key: "refused", value: len(got.Refused)},
		fen("refused_fen", refused),
		{key: "known", value: got.Known},
		{key: "faults", value: len(got.Faults)},
		currency,
	})
	if err != nil {
		return err
	}
	for _, l := range got.Refused {
		fmt.Fprintln(a.errs, a.words().Text("withholding_refused", "Customer", l.Customer, "Amount", vending.FormatYuan(l.Fen), "Reason", l.Reason))
	}
	for _, f := range got.Faults {
		fmt.Fprintln(a.errs, a.words().Error(f.Err))
	}
	if n := len(got.Faults); n > 0 {
		return &remark{exitDifferences, a.words().Text("differences", "Count", n)}
	}
	return nil
}
