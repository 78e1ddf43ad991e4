package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type invoiceDrawOptions struct {
	book              vending.InvoiceBook
	kind, settled, id string
}

func invoiceDrawCommand(a *app) *cobra.Command {
	var o invoiceDrawOptions
	c := &cobra.Command{
		Use:   "draw",
		Short: "Draw a book of invoice numbers (RULES B6)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runInvoiceDraw(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.book.Code, "code", "", "code of the tax office, 10 or 12 digits")
	f.Int64Var(&o.book.First, "from", 0, "first number")
	f.Int64Var(&o.book.Last, "to", 0, "last number")
	f.StringVar(&o.kind, "type", string(vending.OrdinaryInvoice), "vat or ordinary")
	f.StringVar(&o.settled, "for", string(vending.SettledByCash), "cash or cheque: they have books of their own")
	f.StringVar(&o.book.Holder, "holder", "", "staff code of who uses it (default: everybody)")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runInvoiceDraw(ctx context.Context, a *app, o invoiceDrawOptions) error {
	o.book.Type, o.book.For = vending.InvoiceType(o.kind), vending.Settlement(o.settled)
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		b, done, err := d.DrawBook(ctx, deed, o.book)
		if err != nil {
			return err
		}
		return a.didOne(done, bookRecord(b))
	})
}

func bookRecord(b vending.InvoiceBook) record {
	return record{
		{key: "code", value: b.Code},
		{key: "from", value: b.First},
		{key: "to", value: b.Last},
		{key: "type", value: string(b.Type)},
		{key: "for", value: string(b.For)},
		{key: "holder", value: b.Holder},
		{key: "state", value: string(b.State)},
		{key: "next", value: b.Next},
		{key: "left", value: b.Left() - b.Spoiled},
		{key: "spoiled", value: b.Spoiled},
		{key: "drawn_by", value: b.DrawnBy},
		{key: "drawn", value: b.Drawn},
		{key: "handed_in", value: b.HandedIn},
	}
}
