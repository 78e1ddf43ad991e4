package main

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type withholdingExportOptions struct {
	bank, out, encoding, id string
	dryRun                  bool
}

func withholdingExportCommand(a *app) *cobra.Command {
	var o withholdingExportOptions
	c := &cobra.Command{
		Use:   "export",
		Short: "Make a batch of what customers with a mandate owe, for the bank to withhold",
		Long: `Make a batch of what customers with a mandate owe, for the bank to withhold.

A line: number|reference|mandate|customer|name|yuan; at the end T|count|total.
Who is in a batch that has no result yet is left out. The same id again writes
the same file.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runWithholdingExport(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.bank, "bank", "", "the bank, by its code in our books")
	f.StringVar(&o.out, "out", "", "file to write")
	f.StringVar(&o.encoding, "encoding", "gb18030", "gb18030 or utf-8")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be asked for; store and write nothing")
	f.StringVar(&o.id, "id", "", "UUID of this batch (default: a new one, which is printed)")
	return c
}

func runWithholdingExport(ctx context.Context, a *app, o withholdingExportOptions) error {
	if o.encoding != "gb18030" && o.encoding != "utf-8" {
		return usageError{fmt.Errorf("--encoding %s: want gb18030 or utf-8", o.encoding)}
	}
	if o.out == "" && !o.dryRun {
		return usageError{fmt.Errorf("name the file to write: --out")}
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		lines, done, err := d.Withhold(ctx, deed, o.bank)
		if err != nil {
			return err
		}
		total := ledger.Fen(0)
		for _, l := range lines {
			if total, err = total.Add(ledger.Fen(l.Fen)); err != nil {
				return err
			}
		}
		if !o.dryRun {
			if err := writeWithholdings(o, lines); err != nil {
				return err
			}
		}
		return a.didOne(done || o.dryRun, record{
			{key: "batch", value: deed.ID.String()},
			{key: "bank", value: o.bank},
			{key: "lines", value: len(lines)},
			fen("total_fen", total.N),
			currency,
		})
	})
}

func writeWithholdings(o withholdingExportOptions, lines []vending.Withholding) error {
	var text bytes.Buffer
	if err := vending.WriteWithholdings(&text, lines); err != nil {
		return err
	}
	content := text.Bytes()
	if o.encoding == "gb18030" {
		var err error
		if content, err = simplifiedchinese.GB18030.NewEncoder().Bytes(content); err != nil {
			return err
		}
	}
	return os.WriteFile(o.out, content, 0o600) // names and what they owe
}
