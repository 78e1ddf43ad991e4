package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/bankfile"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

type partnerImportOptions struct {
	code, id          string
	skipWrong, dryRun bool
}

// partnerImportCommand is agent import or bank import.
func partnerImportCommand(a *app, class ledger.Class) *cobra.Command {
	var o partnerImportOptions
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take the lines of a file, each once; the same again changes nothing",
		Long: `Take the lines of a file, each once; the same again changes nothing.

A file is taken as a whole or not at all: its count and total must hold, and
lines that cannot be read are named. With --skip-wrong the others are taken all
the same, and the command ends with 3.`,
		Args: oneArg,
		RunE: func(c *cobra.Command, args []string) error {
			return runPartnerImport(c.Context(), a, ledger.Account{Class: class, Of: o.code}, args[0], o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.code, "code", "", "whose file it is")
	f.BoolVar(&o.skipWrong, "skip-wrong", false, "take the other lines where some cannot be read")
	f.BoolVar(&o.dryRun, "dry-run", false, "read and check the file; store nothing")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

// oneArg wants one argument.
func oneArg(c *cobra.Command, args []string) error {
	if err := cobra.ExactArgs(1)(c, args); err != nil {
		return usageError{err}
	}
	return nil
}

func runPartnerImport(ctx context.Context, a *app, account ledger.Account, path string, o partnerImportOptions) error {
	content, err := os.Open(path)
	if err != nil {
		return usageError{err}
	}
	defer content.Close()
	in := counter.Import{Account: account, Name: filepath.Base(path), SkipWrong: o.skipWrong, DryRun: o.dryRun, Progress: a.progress}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		f, done, err := d.ImportFile(ctx, deed, in, content)
		a.wrongLines(f)
		if err != nil {
			return err
		}
		if done.Repeated {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
		}
		if err := a.printOne(importedRecord(account, f, done)); err != nil {
			return err
		}
		if len(f.Wrong) > 0 {
			return &remark{exitDifferences, a.words().Text("bank_lines_left_out", "Count", len(f.Wrong))}
		}
		return nil
	})
}

// progress says on a terminal how many lines are stored.
func (a *app) progress(done int) {
	if f, ok := a.errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprintf(a.errs, "\r%d ", done)
	}
}

// wrongLines names the lines that could not be read, the first of them.
func (a *app) wrongLines(f bankfile.File) {
	const most = 100
	for i, wrong := range f.Wrong {
		if i == most {
			fmt.Fprintln(a.errs, "…")
			return
		}
		fmt.Fprintln(a.errs, a.words().Error(wrong))
	}
}

func importedRecord(account ledger.Account, f bankfile.File, done store.Imported) record {
	return record{
		{key: "account", value: account.String()},
		{key: "lines", value: len(f.Lines)},
		{key: "total_fen", value: f.TotalFen, text: vending.FormatYuan(f.TotalFen) + " CNY"},
		{key: "currency", value: string(ledger.CNY)},
		{key: "new", value: done.New},
		{key: "known", value: done.Known},
		{key: "wrong", value: len(f.Wrong)},
	}
}
