package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type debtPayOptions struct {
	amount, id string
	dryRun     bool
	payment    vending.Payment
}

// debtPayCommand is debt pay, and charge pay.
func debtPayCommand(a *app) *cobra.Command {
	var o debtPayOptions
	c := &cobra.Command{
		Use:   "pay CUSTOMER",
		Short: "Pay what a customer owes, the oldest due first (RULES B11)",
		Args:  oneCustomer,
		RunE:  withCustomer(func(c *cobra.Command, no int64) error { return runDebtPay(c.Context(), a, no, o) }),
	}
	f := c.Flags()
	f.StringVar(&o.amount, "amount", "", "yuan (default: all that is owed)")
	payFlags(f, &o.payment)
	f.Lookup("pay").Usage += ", or advance (the customer's money with us)"
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runDebtPay(ctx context.Context, a *app, no int64, o debtPayOptions) error {
	req := counter.DebtPayment{Customer: no, Payment: o.payment}
	var err error
	if o.amount != "" {
		if req.AmountFen, err = vending.ParseYuan(o.amount); err != nil {
			return err
		}
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		paid, owed, done, err := d.PayDebt(ctx, deed, req)
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, record{
			{key: "id", value: deed.ID.String()}, {key: "customer", value: no}, fen("paid_fen", paid), fen("owed_fen", owed), currency,
		})
	})
}

func debtLateFeesCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "late-fees",
		Short: "Book everybody's late fees until today; the same day again adds nothing (RULES B11)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runDebtLateFees(c.Context(), a) },
	}
}

func runDebtLateFees(ctx context.Context, a *app) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		by, err := a.who(ctx, d.Store)
		if err != nil {
			return err
		}
		seen := 0
		customers, err := d.LateFees(ctx, by, vending.DateOf(time.Now()), func(int64) {
			seen++
			a.progress(seen)
		})
		if err != nil {
			return err
		}
		return a.printOne(record{{key: "customers", value: customers}})
	})
}
