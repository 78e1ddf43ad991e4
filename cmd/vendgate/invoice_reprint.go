package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func invoiceReprintCommand(a *app) *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   "reprint INVOICE",
		Short: "Count a reprint of an invoice, CODE-NUMBER, and show it",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runInvoiceReprint(c.Context(), a, args[0], id) },
	}
	c.Flags().StringVar(&id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runInvoiceReprint(ctx context.Context, a *app, number, id string) error {
	ref, err := vending.ParseInvoiceRef(number)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		i, done, err := d.ReprintInvoice(ctx, deed, ref)
		if err != nil {
			return err
		}
		return a.didOne(done, invoiceRecord(i))
	})
}
