package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/paper"
	"github.com/vendgate/vendgate/vending/words"
)

type receiptInvoiceOptions struct {
	pressOptions
	taxNumber, account, copyFor, id string
}

func receiptInvoiceCommand(a *app) *cobra.Command {
	var o receiptInvoiceOptions
	c := &cobra.Command{
		Use:   "invoice CODE-NUMBER",
		Short: "Print an invoice; every print after the first is counted and marked as a reprint",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runReceiptInvoice(c.Context(), a, args[0], o) },
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&o.taxNumber, "tax-number", envOr("VENDGATE_TAX_NUMBER", ""), "the company's tax number (VENDGATE_TAX_NUMBER)")
	f.StringVar(&o.account, "account", envOr("VENDGATE_BANK_ACCOUNT", ""), "the company's bank and account (VENDGATE_BANK_ACCOUNT)")
	f.StringVar(&o.copyFor, "copy", "", "which copy it is, as 记账联")
	f.StringVar(&o.id, "id", "", "UUID of this print: the same again is not another reprint (default: a new one, which is printed)")
	return c
}

func runReceiptInvoice(ctx context.Context, a *app, number string, o receiptInvoiceOptions) error {
	ref, err := vending.ParseInvoiceRef(number)
	if err != nil {
		return err
	}
	print, err := o.press(a, paper.A4)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		i, reprint, err := d.PrintInvoice(ctx, deed, ref)
		if err != nil {
			return err
		}
		sheet := invoiceOf(a.words(), i)
		sheet.Reprint, sheet.Company, sheet.Copy = reprint, o.company, o.copyFor
		sheet.Seller = paper.Party{Name: o.company, TaxNumber: o.taxNumber, Bank: o.account}
		document, err := sheet.Document(a.words())
		if err != nil {
			return err
		}
		return print(document)
	})
}

// invoiceOf is an invoice as its paper shows it.
func invoiceOf(w *words.Words, i vending.Invoice) paper.Invoice {
	out := paper.Invoice{
		Head:  paper.Head{Number: i.String(), At: i.Issued, Void: i.State == vending.InvoiceVoided},
		VAT:   i.Type == vending.VATInvoice,
		Buyer: paper.Party{Name: i.Buyer.Name, TaxNumber: i.Buyer.TaxID, Address: i.Buyer.Address, Bank: i.Buyer.Account},
		Of:    i.RedOf.String(), Why: i.Reason, Drawn: i.By,
	}
	var slips []string
	for _, l := range i.Lines {
		name := w.Text("paper_charge_of", "Kind", l.What)
		if l.Quantity.N != 0 {
			name = w.Text("paper_credit_of", "Tariff", l.What)
		}
		out.Lines = append(out.Lines, paper.InvoiceLine{Name: name, Quantity: l.Quantity, NetFen: l.TotalFen - l.VATFen, RateBP: l.VATbp, VATFen: l.VATFen})
		slips = append(slips, l.Slip)
	}
	out.Slip = strings.Join(slips, " ")
	return out
}
