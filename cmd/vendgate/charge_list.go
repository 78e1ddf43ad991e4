package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func chargeListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list CUSTOMER",
		Short: "List a customer's charges on account, paid ones too",
		Args:  oneCustomer,
		RunE:  withCustomer(func(c *cobra.Command, no int64) error { return runChargeList(c.Context(), a, no, false) }),
	}
}

func debtShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show CUSTOMER",
		Short: "Show what a customer owes today, late fees included, the oldest due first; fixed charges that nobody has booked yet stand last",
		Args:  oneCustomer,
		RunE:  withCustomer(func(c *cobra.Command, no int64) error { return runChargeList(c.Context(), a, no, true) }),
	}
}

func runChargeList(ctx context.Context, a *app, no int64, open bool) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		customer, _, err := d.Store.Customer(ctx, no)
		if err != nil {
			return err
		}
		by, err := a.who(ctx, d.Store)
		if err != nil {
			return err
		}
		if err := d.Store.Looked(ctx, no, by, "charges"); err != nil {
			return err
		}
		rules, err := d.Store.LifeRules(ctx)
		if err != nil {
			return err
		}
		today := vending.DateOf(time.Now())
		charges, err := d.Store.Charges(ctx, no, rules, today, open)
		if err != nil {
			return err
		}
		var rs []record
		show := func(c vending.Charge, booked bool) {
			rs = append(rs, append(chargeRecord(c), field{key: "overdue_days", value: c.Overdue(today)},
				field{key: "stops_supply", value: rules.Arrears.Stops(c, today)}, field{key: "booked", value: booked}))
		}
		for _, c := range charges {
			show(c, true)
		}
		if !open {
			return a.printList(rs)
		}
		unbooked, err := d.Store.Unbooked(ctx, customer, rules, today, time.Now())
		if err != nil {
			return err
		}
		for _, c := range unbooked {
			show(c, false)
		}
		return a.printList(rs)
	})
}
