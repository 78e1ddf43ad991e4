package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type invoiceHandInOptions struct {
	code, id string
	first    int64
	spoil    bool
}

func invoiceHandInCommand(a *app) *cobra.Command {
	var o invoiceHandInOptions
	c := &cobra.Command{
		Use:   "hand-in",
		Short: "Hand a book in, complete: every number is accounted for (RULES B6)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runInvoiceHandIn(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.code, "code", "", "code of the tax office")
	f.Int64Var(&o.first, "from", 0, "first number of the book")
	f.BoolVar(&o.spoil, "spoil-rest", false, "the unused numbers are spoiled, and all their copies are there")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runInvoiceHandIn(ctx context.Context, a *app, o invoiceHandInOptions) error {
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		b, done, err := d.HandIn(ctx, deed, o.code, o.first, o.spoil)
		if err != nil {
			return err
		}
		return a.didOne(done, bookRecord(b))
	})
}
