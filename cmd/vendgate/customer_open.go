package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

type customerOpenOptions struct {
	customer vending.Customer
	meter    vending.Meter
}

func customerOpenCommand(a *app) *cobra.Command {
	o := customerOpenOptions{customer: vending.Customer{Status: vending.InService}, meter: vending.Meter{Commodity: ledger.Litre}}
	c := &cobra.Command{
		Use:   "open",
		Short: "Open a customer with a meter (RULES A5); the same again changes nothing",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCustomerOpen(c.Context(), a, o) },
	}
	f := c.Flags()
	f.Int64Var(&o.customer.No, "no", 0, "customer number")
	f.StringVar(&o.customer.Name, "name", "", "name")
	f.StringVar(&o.customer.Address, "address", "", "address of the premises")
	f.StringVar(&o.customer.Tariff, "tariff", "gas-residential", "tariff that applies")
	f.StringVar(&o.meter.No, "meter", "", "meter number, 14 digits")
	f.Int64Var(&o.meter.MaxCredit, "max-credit", 2_000_000, "most credit on card and meter together, in litres")
	return c
}

func runCustomerOpen(ctx context.Context, a *app, o customerOpenOptions) error {
	if err := o.customer.Valid(); err != nil {
		return err
	}
	if err := o.meter.Valid(); err != nil {
		return err
	}
	return a.withStore(ctx, func(s *store.Store) error {
		by, err := a.who(ctx, s)
		if err != nil {
			return err
		}
		added, err := s.AddCustomer(ctx, o.customer, o.meter, vending.Deed{Kind: "customer opened", By: by, Why: a.why})
		if err != nil {
			return err
		}
		if !added {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
		}
		return a.printOne(customerRecord(o.customer, o.meter))
	})
}

func customerRecord(c vending.Customer, m vending.Meter) record {
	return record{
		{key: "customer", value: c.No},
		{key: "name", value: c.Name},
		{key: "address", value: c.Address},
		{key: "status", value: string(c.Status)},
		{key: "tariff", value: c.Tariff},
		{key: "meter", value: m.No},
		{key: "max_credit", value: m.MaxCredit, text: vending.FormatThousandths(m.MaxCredit) + " m³"},
		{key: "unit", value: string(m.Commodity)},
	}
}
