package main

import (
	"context"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type chargeAddOptions struct {
	kind, amount, note, due, id string
	paid, dryRun                bool
	payment                     vending.Payment
}

func chargeAddCommand(a *app) *cobra.Command {
	var o chargeAddOptions
	c := &cobra.Command{
		Use:   "add CUSTOMER",
		Short: "Charge a customer, on account or paid at once into the cashier's shift (RULES B2)",
		Args:  oneCustomer,
		RunE:  withCustomer(func(c *cobra.Command, no int64) error { return runChargeAdd(c.Context(), a, no, o) }),
	}
	f := c.Flags()
	f.StringVar(&o.kind, "kind", "", "installation, repair, meter_replacement, transfer_fee, card_cost, inspection, late_fee or other")
	f.StringVar(&o.amount, "amount", "", "yuan with VAT (default: the price of its kind)")
	f.StringVar(&o.note, "note", "", "what it is for")
	f.StringVar(&o.due, "due", "", "last day to pay, as 2026-03-01 (default: as the company's rules say)")
	f.BoolVar(&o.paid, "paid", false, "it is paid at once")
	payFlags(f, &o.payment)
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

// payFlags are how money is paid, in or out.
func payFlags(f *pflag.FlagSet, p *vending.Payment) {
	f.StringVar((*string)(&p.Means), "pay", string(vending.Cash), "means of payment: cash, cheque, bank_card, transfer, mobile, deposit_slip")
	f.StringVar(&p.Bank, "bank", "", "who issued the payment's reference")
	f.StringVar(&p.Reference, "reference", "", "number of the cheque, transfer or mobile payment")
}

func deedFlags(f *pflag.FlagSet, id *string, dryRun *bool) {
	f.StringVar(id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	f.BoolVar(dryRun, "dry-run", false, "say what would be done; change nothing")
}

func runChargeAdd(ctx context.Context, a *app, no int64, o chargeAddOptions) error {
	req := counter.ChargeRequest{Customer: no, Kind: vending.ChargeKind(o.kind), Note: o.note}
	var err error
	if o.amount != "" {
		if req.AmountFen, err = vending.ParseYuan(o.amount); err != nil {
			return err
		}
	}
	if o.due != "" {
		due, err := vending.ParseDate(o.due)
		if err != nil {
			return err
		}
		req.Due = &due
	}
	if o.paid {
		req.Payment = &o.payment
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		charge, done, err := d.Charge(ctx, deed, req)
		if err == nil && !done && !o.dryRun && !o.paid {
			charge, err = d.Store.Charge(ctx, no, deed.ID)
		}
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, chargeRecord(charge))
	})
}

func chargeRecord(c vending.Charge) record {
	due := ""
	if c.Due != 0 {
		due = c.Due.String()
	}
	return record{
		{key: "id", value: c.ID.String()},
		{key: "customer", value: c.Customer},
		{key: "kind", value: string(c.Kind)},
		{key: "note", value: c.Note},
		{key: "due", value: due},
		fen("amount_fen", c.Amount),
		{key: "vat_bp", value: c.VATBp},
		fen("paid_fen", c.Paid),
		fen("late_fee_fen", c.Fee),
		fen("owed_fen", c.Owed()+c.FeeOwed()),
		currency,
	}
}
