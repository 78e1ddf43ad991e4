package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type customerOpenOptions struct {
	counter.AccountRequest
	number string // of the papers
}

func customerOpenCommand(a *app) *cobra.Command {
	var o customerOpenOptions
	c := &cobra.Command{
		Use:   "open",
		Short: "Open a customer with a meter (RULES A5); the same again changes nothing",
		Long: `Open a customer with a meter (RULES A5); the same again changes nothing.

With identity papers, the supply contract and the meter number as read on site
the account is in service. Without, it is registered: the same again with them,
or "papers", "accept" and "ignite", puts it in service. A number on site that is
not the contract's is recorded; "correct-meter" puts it right.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCustomerOpen(c.Context(), a, o) },
	}
	f := c.Flags()
	f.Int64Var(&o.Customer.No, "no", 0, "customer number")
	f.StringVar(&o.Customer.Name, "name", "", "name")
	f.StringVar(&o.Customer.Address, "address", "", "address of the premises")
	f.StringVar(&o.Customer.Tariff, "tariff", "gas-residential", "tariff that applies")
	f.StringVar(&o.Meter.No, "meter", "", "meter number, 14 digits")
	papersFlags(f, &o.Papers, &o.number)
	f.StringVar(&o.Seen, "seen", "", "meter number as read on site: it must be the contract's")
	f.Int64Var(&o.Meter.MaxCredit, "max-credit", 2_000_000, "most credit on card and meter together, in litres (Wh; fen where the meter counts money)")
	return c
}

func runCustomerOpen(ctx context.Context, a *app, o customerOpenOptions) error {
	if err := o.Customer.Valid(); err != nil {
		return err
	}
	if err := o.Meter.Valid(); err != nil {
		return err
	}
	o.Papers.Tail = vending.TailOf(o.number)
	return a.withDesk(ctx, func(d *counter.Desk) error {
		versions, err := d.Store.Versions(ctx, o.Customer.Tariff)
		if err != nil {
			return err
		}
		o.Meter.Commodity = versions[0].Commodity
		c, done, err := d.OpenAccount(ctx, vending.Deed{By: d.By, Why: a.why}, o.AccountRequest)
		if err != nil {
			return err
		}
		return a.didOne(done, customerRecord(c, o.Meter))
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
		{key: "max_credit", value: m.MaxCredit, text: amount(m.MaxCredit, m.Commodity)},
		{key: "unit", value: string(m.Commodity)},
	}
}
