package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type topUpOptions struct {
	reader, amount, id, pay, bank, reference, till, card string
	dryRun                                               bool
}

func topUpCommand(a *app) *cobra.Command {
	var o topUpOptions
	c := &cobra.Command{
		Use:   "topup",
		Short: "Take money and write the credit to the card in the reader",
		Long: `Take money and write the credit to the card in the reader.

The id says which sale this is. After an error, give the same id again: a sale
that was made is not made twice.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runTopUp(c.Context(), a, o) },
	}
	readerFlag(c.Flags(), &o.reader)
	o.moneyFlags(c.Flags())
	c.Flags().StringVar(&o.card, "card", "", "card number that must be in the reader (default: any)")
	return c
}

// moneyFlags say what is paid, and how.
func (o *topUpOptions) moneyFlags(f *pflag.FlagSet) {
	f.StringVar(&o.amount, "amount", "", "money in yuan, as 200 or 200.00")
	f.StringVar(&o.id, "id", "", "UUID of this sale (default: a new one, which is printed)")
	f.StringVar(&o.pay, "pay", string(vending.Cash), "means of payment: cash, cheque, bank_card, transfer, mobile, deposit_slip, or advance (the customer's money with us)")
	f.StringVar(&o.bank, "bank", "", "who issued the reference")
	f.StringVar(&o.reference, "reference", "", "number of the cheque, transfer, mobile payment or deposit slip")
	f.StringVar(&o.till, "till", "1", "till whose open shift takes the money")
	f.BoolVar(&o.dryRun, "dry-run", false, "say what would be sold; change nothing")
}

func (o topUpOptions) request() (counter.TopUpRequest, error) {
	req := counter.TopUpRequest{Payment: vending.Payment{Means: vending.Means(o.pay), Bank: o.bank, Reference: o.reference}, Till: o.till, Card: o.card}
	if err := vending.ValidTill(o.till); err != nil {
		return req, err
	}
	var err error
	if req.MoneyFen, err = vending.ParseYuan(o.amount); err != nil {
		return req, err
	}
	if o.id == "" {
		req.ID, err = uuid.NewV7()
		return req, err
	}
	if req.ID, err = uuid.Parse(o.id); err != nil || req.ID == uuid.Nil {
		return req, vending.ErrIDInvalid.With("ID", o.id)
	}
	return req, nil
}

func runTopUp(ctx context.Context, a *app, o topUpOptions) error {
	req, err := o.request()
	if err != nil {
		return err
	}
	return a.withCounter(ctx, o.reader, func(d *counter.Desk, t counter.Terminal) error {
		if o.dryRun {
			q, err := d.Quote(ctx, t, req)
			if err != nil {
				return err
			}
			return a.printOne(quotedRecord(q))
		}
		if o.id == "" {
			fmt.Fprintf(a.errs, "id %s\n", req.ID) // before anything happens, so that it can be given again
		}
		done, err := d.TopUp(ctx, t, req)
		if err != nil {
			return err
		}
		if done.Purchase.State != vending.Pending {
			a.rekey(ctx, d, t)
		}
		return a.ended(done)
	})
}

// ended prints a purchase and says how it ended, in the exit code too.
func (a *app) ended(done counter.Outcome) error {
	p := done.Purchase
	if err := a.printOne(purchaseRecord(p)); err != nil {
		return err
	}
	if p.IsReversal() {
		return a.endedReversal(counter.Reversed{Outcome: done})
	}
	if done.Repeated {
		fmt.Fprintln(a.errs, a.words().Text("already_done"))
	}
	yuan := vending.FormatYuan(p.Quote.Money)
	switch p.State {
	case vending.Loaded:
		return nil
	case vending.Voided:
		return &remark{exitFailure, a.words().Text("voided", "Amount", yuan)}
	default:
		return &remark{exitInDoubt, a.words().Text("in_doubt", "Amount", yuan, "ID", p.ID)}
	}
}
