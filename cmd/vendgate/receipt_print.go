package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/paper"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/words"
)

type receiptPrintOptions struct {
	format, out, company, font, tendered, id string
	columns                                  int
}

func receiptPrintCommand(a *app) *cobra.Command {
	var o receiptPrintOptions
	c := &cobra.Command{
		Use:   "print PURCHASE_ID",
		Short: "Print the slip of a sale; every print after the first is counted and marked as a reprint",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runReceiptPrint(c.Context(), a, args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.format, "format", "text", "text, pdf, or escpos (bytes for a printer of receipts)")
	f.StringVar(&o.out, "out", "", "file to write, or the printer's device (default: stdout)")
	f.StringVar(&o.company, "company", envOr("VENDGATE_COMPANY", ""), "name of the company, for the head (VENDGATE_COMPANY)")
	f.StringVar(&o.font, "font", envOr("VENDGATE_FONT", paper.DefaultFont), "TrueType font with Chinese, for PDF (VENDGATE_FONT)")
	f.StringVar(&o.tendered, "tendered", "", "money that the customer gave, in yuan (default: what was due)")
	f.IntVar(&o.columns, "columns", paper.Wide, "columns of the printer: 32 or 48")
	f.StringVar(&o.id, "id", "", "UUID of this print: the same again is not another reprint (default: a new one, which is printed)")
	return c
}

func runReceiptPrint(ctx context.Context, a *app, purchase string, o receiptPrintOptions) error {
	sale, err := uuid.Parse(purchase)
	if err != nil {
		return vending.ErrIDInvalid.With("ID", purchase)
	}
	press, err := o.press()
	if err != nil {
		return err
	}
	tendered := int64(0)
	if o.tendered != "" {
		if tendered, err = vending.ParseYuan(o.tendered); err != nil {
			return err
		}
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		printed, err := d.PrintSlip(ctx, deed, sale)
		if err != nil {
			return err
		}
		sheet, err := press(slipOf(a.words(), printed, o.company, tendered).Document(a.words()))
		if err != nil {
			return err
		}
		if o.out == "" {
			_, err = a.out.Write(sheet)
			return err
		}
		return os.WriteFile(o.out, sheet, 0o644)
	})
}

// press is how a document becomes bytes. What it needs is looked for before a
// print is counted.
func (o receiptPrintOptions) press() (func(paper.Document) ([]byte, error), error) {
	if o.columns != paper.Narrow && o.columns != paper.Wide {
		return nil, usageError{fmt.Errorf("--columns %d: want %d or %d", o.columns, paper.Narrow, paper.Wide)}
	}
	switch o.format {
	case "text":
		return func(d paper.Document) ([]byte, error) { return []byte(paper.Text(d, o.columns)), nil }, nil
	case "escpos":
		return func(d paper.Document) ([]byte, error) { return paper.ESCPOS(d, o.columns) }, nil
	case "pdf":
		font, err := paper.OpenFont(o.font)
		return func(d paper.Document) ([]byte, error) {
			var out bytes.Buffer
			err := paper.PDF(&out, d, paper.Roll, font)
			return out.Bytes(), err
		}, err
	}
	return nil, usageError{errors.New("--format " + o.format + ": want text, pdf or escpos")}
}

// slipOf is a purchase as its slip shows it.
func slipOf(w *words.Words, s store.PrintedSlip, company string, tendered int64) paper.Slip {
	p := s.Purchase
	due := p.Quote.Money + p.Debt
	if tendered < due {
		tendered = due
	}
	slip := paper.Slip{
		Head: paper.Head{Company: company, Number: p.Slip(), Cashier: p.Staff, Shift: p.Till, At: p.Opened, Reprint: s.Reprint, Void: p.State == vending.Voided},
		ID:   p.ID, Customer: p.Customer, Payer: s.Customer.Name, Card: p.Card, Meter: p.Meter, Credit: p.Quote.Credit,
		Paid: paper.Paid{Means: w.Text("paper_by_means", "Means", string(p.Means)), DueFen: due, TenderedFen: tendered, ChangeFen: tendered - due},
	}
	slip.AdvanceFen = s.Advance
	for _, l := range p.Tariff.Lines(p.Quote.Credit.N, p.Usage) {
		name := ""
		if len(p.Tariff.Tiers) > 1 {
			name = w.Text("paper_tier", "N", l.Tier)
		}
		slip.Prices = append(slip.Prices, paper.PriceLine{Name: name, Credit: ledger.Amount{N: l.Units, Commodity: p.Tariff.Commodity}, PriceFen: l.PriceFen, CostFen: l.Fen})
	}
	if p.Debt > 0 {
		slip.Fees = append(slip.Fees, paper.FeeLine{Name: w.Text("paper_debt"), Fen: p.Debt})
	}
	return slip
}
