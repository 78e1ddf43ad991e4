package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func invoiceRedCommand(a *app) *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   "red INVOICE",
		Short: "Issue the red invoice that takes an invoice, CODE-NUMBER, back; --why says the reason",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runInvoiceRed(c.Context(), a, args[0], id) },
	}
	c.Flags().StringVar(&id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runInvoiceRed(ctx context.Context, a *app, number, id string) error {
	ref, err := vending.ParseInvoiceRef(number)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		red, done, err := d.RedInvoice(ctx, deed, ref)
		if err != nil {
			return err
		}
		return a.didOne(done, invoiceRecord(red))
	})
}
