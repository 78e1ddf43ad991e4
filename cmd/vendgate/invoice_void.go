package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func invoiceVoidCommand(a *app) *cobra.Command {
	var id string
	var copies int
	c := &cobra.Command{
		Use:   "void INVOICE",
		Short: "Void an invoice of this month, CODE-NUMBER, of which all copies are back; --why says the reason",
		Args:  oneArg,
		RunE: func(c *cobra.Command, args []string) error {
			return runInvoiceVoid(c.Context(), a, args[0], copies, id)
		},
	}
	f := c.Flags()
	f.IntVar(&copies, "copies", 0, "how many copies are back")
	f.StringVar(&id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runInvoiceVoid(ctx context.Context, a *app, number string, copies int, id string) error {
	ref, err := vending.ParseInvoiceRef(number)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		i, done, err := d.VoidInvoice(ctx, deed, ref, copies)
		if err != nil {
			return err
		}
		return a.didOne(done, invoiceRecord(i))
	})
}
