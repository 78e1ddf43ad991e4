package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type customerOpenOptions struct {
	customer vending.Customer
	meter    vending.Meter
	papers   vending.Papers
	number   string // of the papers
	seen     string // meter number on site
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
	papersFlags(f, &o.papers, &o.number)
	f.StringVar(&o.seen, "seen", "", "meter number as read on site: it must be the contract's")
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
	if o.seen != "" && o.seen != o.meter.No {
		return vending.ErrMeterMismatch.With("Seen", o.seen, "Meter", o.meter.No)
	}
	o.papers.Tail = vending.TailOf(o.number)
	if o.papers != (vending.Papers{}) && !o.papers.Complete() {
		return vending.ErrPapers
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		by, err := a.who(ctx, d.Store)
		if err != nil {
			return err
		}
		if err := by.Permit(vending.MayServe); err != nil {
			return err
		}
		added, err := d.Store.AddCustomer(ctx, o.customer, o.meter, vending.Deed{Kind: "customer opened", By: by, Why: a.why})
		if err != nil {
			return err
		}
		if o.papers.Complete() {
			// The same again is the same deed.
			deed := vending.Deed{ID: ledger.MoveID(uuid.NameSpaceOID, fmt.Sprintf("customer %d opened", o.customer.No)), By: by, Why: a.why}
			if _, err := d.FilePapers(ctx, deed, o.customer.No, o.papers); err != nil {
				return err
			}
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
