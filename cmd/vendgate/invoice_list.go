package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type invoiceListOptions struct {
	customer int64
	month    string
	limit    int
	books    bool
}

func invoiceListCommand(a *app) *cobra.Command {
	var o invoiceListOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List invoices, or the books of numbers",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runInvoiceList(c.Context(), a, o) },
	}
	f := c.Flags()
	f.Int64Var(&o.customer, "customer", 0, "those of a customer")
	f.StringVar(&o.month, "month", "", "those of a month, as 2026-03")
	f.IntVar(&o.limit, "limit", 1000, "at most so many")
	f.BoolVar(&o.books, "books", false, "the books of numbers instead")
	return c
}

func runInvoiceList(ctx context.Context, a *app, o invoiceListOptions) error {
	period := 0
	if o.month != "" {
		var err error
		if period, err = vending.ParsePeriod(o.month); err != nil {
			return err
		}
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		if o.books {
			return a.listBooks(ctx, d)
		}
		invoices, err := d.Store.Invoices(ctx, o.customer, period, o.limit)
		if err != nil {
			return err
		}
		var rs []record
		for _, i := range invoices {
			rs = append(rs, invoiceRecord(i))
		}
		return a.printList(rs)
	})
}

func (a *app) listBooks(ctx context.Context, d *counter.Desk) error {
	books, err := d.Store.InvoiceBooks(ctx, false)
	if err != nil {
		return err
	}
	var rs []record
	for _, b := range books {
		rs = append(rs, bookRecord(b))
	}
	return a.printList(rs)
}

func invoiceVATCommand(a *app) *cobra.Command {
	var month string
	c := &cobra.Command{
		Use:   "vat",
		Short: "The VAT report of a month's invoices (RULES B6)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runInvoiceVAT(c.Context(), a, month) },
	}
	c.Flags().StringVar(&month, "month", "", "the month, as 2026-03")
	return c
}

func runInvoiceVAT(ctx context.Context, a *app, month string) error {
	period, err := vending.ParsePeriod(month)
	if err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		lines, err := d.Store.VATReport(ctx, period)
		if err != nil {
			return err
		}
		var rs []record
		for _, l := range lines {
			rs = append(rs, record{{key: "month", value: vending.FormatPeriod(period)}, {key: "type", value: string(l.Type)}, {key: "vat_bp", value: l.VATbp},
				{key: "issued", value: l.Issued}, {key: "voided", value: l.Voided}, {key: "red", value: l.Red},
				fen("net_fen", l.NetFen), fen("vat_fen", l.VATFen), currency})
		}
		return a.printList(rs)
	})
}
