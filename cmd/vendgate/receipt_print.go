package main

import (
	"context"

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
	pressOptions
	tendered, id string
}

func receiptPrintCommand(a *app) *cobra.Command {
	var o receiptPrintOptions
	c := &cobra.Command{
		Use:   "print PURCHASE_ID",
		Short: "Print the slip of a sale; every print after the first is counted and marked as a reprint",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runReceiptPrint(c.Context(), a, args[0], o) },
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&o.tendered, "tendered", "", "money that the customer gave, in yuan (default: what was due)")
	f.StringVar(&o.id, "id", "", "UUID of this print: the same again is not another reprint (default: a new one, which is printed)")
	return c
}

func runReceiptPrint(ctx context.Context, a *app, purchase string, o receiptPrintOptions) error {
	sale, err := uuid.Parse(purchase)
	if err != nil {
		return vending.ErrIDInvalid.With("ID", purchase)
	}
	print, err := o.press(a, paper.Roll)
	if err != nil {
		return err
	}
	tendered := int64(0)
	if o.tendered != "" {
		if tendered, err = vending.ParseYuan(o.tendered); err != nil {
			return err
		}
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		printed, err := d.PrintSlip(ctx, deed, sale)
		if err != nil {
			return err
		}
		return print(slipOf(a.words(), printed, o.company, tendered).Document(a.words()))
	})
}

// slipOf is a purchase as its slip shows it.
func slipOf(w *words.Words, s store.PrintedSlip, company string, tendered int64) paper.Slip {
	p := s.Purchase
	due := p.Quote.Money + p.Debt
	if tendered < due {
		tendered = due
	}
	slip := paper.Slip{
		Head: paper.Head{Company: company, Number: p.Slip(), Cashier: p.Staff, Shift: p.Till, At: p.Opened, Reprint: s.Reprint,
			Void: p.State == vending.Voided || !p.IsReversal() && !p.Undone.IsZero()},
		ID: p.ID, Customer: p.Customer, Payer: s.Customer.Name, Card: p.Card, Meter: p.Meter, Credit: p.Quote.Credit,
		Paid: paper.Paid{Means: w.Text("paper_by_means", "Means", string(p.Means)), DueFen: due, TenderedFen: tendered, ChangeFen: tendered - due},
	}
	slip.AdvanceFen = s.Advance
	if p.IsReversal() { // money goes back: it is the change of nothing tendered
		return slip
	}
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
