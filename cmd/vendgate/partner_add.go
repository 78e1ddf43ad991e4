package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type partnerAddOptions struct{ code, name, format, id string }

// partnerAddCommand is agent add or bank add.
func partnerAddCommand(a *app, class ledger.Class) *cobra.Command {
	var o partnerAddOptions
	c := &cobra.Command{
		Use:   "add",
		Short: "Add one, or change its name and the format of its files",
		Long: `Add one, or change its name and the format of its files.

The format is a JSON file, as

  {"encoding": "auto", "delimiter": "|", "skip": 1, "date": "YYYYMMDD", "amount": "yuan",
   "columns": {"date": 1, "reference": 2, "customer": 3, "amount": 5},
   "trailer": {"begins": "T", "count": 2, "total": 3}}

encoding: utf-8, gbk, gb18030, auto. Without a delimiter a column is [at, width]
in bytes. amount: yuan or fen. date: YYYYMMDD, YYYY-MM-DD, YYYY/MM/DD, or
YYYYMMDDhhmmss, "YYYY-MM-DD hh:mm:ss". Columns: date, reference and amount; and
customer, card, direction (with debit and credit, lists of what it says), text,
result (with paid), reason. header and trailer say count and total; a file that
has neither needs "unchecked": true.

Without a format its files are ISO 20022 camt.053.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runPartnerAdd(c.Context(), a, class, o) },
	}
	f := c.Flags()
	f.StringVar(&o.code, "code", "", "its code in our books, as post")
	f.StringVar(&o.name, "name", "", "its name")
	f.StringVar(&o.format, "format", "", "file that describes its files (default: they are camt.053)")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runPartnerAdd(ctx context.Context, a *app, class ledger.Class, o partnerAddOptions) error {
	p := vending.Partner{Account: ledger.Account{Class: class, Of: o.code}, Name: o.name}
	if o.format != "" {
		text, err := os.ReadFile(o.format)
		if err != nil {
			return usageError{err}
		}
		p.Format = string(text)
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if err := a.doneBefore(d.AddPartner(ctx, deed, p)); err != nil {
			return err
		}
		return a.printOne(record{{key: "code", value: o.code}, {key: "name", value: o.name}})
	})
}

// doneBefore says so where a deed was done before: that is no error.
func (a *app) doneBefore(err error) error {
	if errors.Is(err, vending.ErrRepeated) {
		fmt.Fprintln(a.errs, a.words().Text("already_done"))
		return nil
	}
	return err
}
