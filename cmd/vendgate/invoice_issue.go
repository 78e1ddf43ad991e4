package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type invoiceIssueOptions struct {
	req      counter.InvoiceRequest
	kind, id string
}

func invoiceIssueCommand(a *app) *cobra.Command {
	var o invoiceIssueOptions
	c := &cobra.Command{
		Use:   "issue SLIP...",
		Short: "Issue an invoice in exchange for slips of one customer",
		Long: `Issue an invoice in exchange for slips of one customer (RULES B6).

A slip is named as it is printed, 8100000001-12 for the 12th purchase with a card,
or by the id of the sale. It is taken back and cannot be exchanged again.`,
		Args: someArgs,
		RunE: func(c *cobra.Command, args []string) error { return runInvoiceIssue(c.Context(), a, args, o) },
	}
	f := c.Flags()
	f.Int64Var(&o.req.Customer, "customer", 0, "customer number")
	f.StringVar(&o.kind, "type", string(vending.OrdinaryInvoice), "vat or ordinary")
	f.StringVar(&o.req.Buyer.Name, "buyer", "", "to whom it is made out (default: the customer)")
	f.StringVar(&o.req.Buyer.TaxID, "tax-id", "", "the buyer's tax number")
	f.StringVar(&o.req.Buyer.Address, "buyer-address", "", "the buyer's address and telephone")
	f.StringVar(&o.req.Buyer.Account, "buyer-account", "", "the buyer's bank and account")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

// someArgs wants one argument or more.
func someArgs(c *cobra.Command, args []string) error {
	if err := cobra.MinimumNArgs(1)(c, args); err != nil {
		return usageError{err}
	}
	return nil
}

func runInvoiceIssue(ctx context.Context, a *app, slips []string, o invoiceIssueOptions) error {
	o.req.Slips, o.req.Type = slips, vending.InvoiceType(o.kind)
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		i, done, err := d.IssueInvoice(ctx, deed, o.req)
		if err != nil {
			return err
		}
		return a.didOne(done, invoiceRecord(i))
	})
}

func invoiceRecord(i vending.Invoice) record {
	return record{
		{key: "invoice", value: i.String()},
		{key: "customer", value: i.Customer},
		{key: "type", value: string(i.Type)},
		{key: "for", value: string(i.For)},
		{key: "state", value: string(i.State)},
		{key: "buyer", value: i.Buyer.Name},
		{key: "tax_id", value: i.Buyer.TaxID},
		fen("net_fen", i.NetFen()),
		fen("vat_fen", i.VATFen),
		fen("total_fen", i.TotalFen),
		currency,
		{key: "red_of", value: i.RedOf.String()},
		{key: "reversed_by", value: i.Ended.String()},
		{key: "reason", value: i.Reason},
		{key: "copies", value: i.Copies},
		{key: "reprints", value: i.Reprints},
		{key: "staff", value: i.By},
		{key: "issued", value: i.Issued},
	}
}
