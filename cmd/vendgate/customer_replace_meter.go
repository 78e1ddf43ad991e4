package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type customerSwapOptions struct {
	req          counter.SwapRequest
	final, first string
	display      displayFlags
	id           string
	dryRun       bool
}

func customerReplaceMeterCommand(a *app) *cobra.Command {
	var o customerSwapOptions
	c := &cobra.Command{
		Use:   "replace-meter CUSTOMER",
		Short: "Replace a meter: register and credit are carried over, none from the 25th on (RULES A7)",
		Args:  oneCustomer,
		RunE: withCustomer(func(c *cobra.Command, no int64) error {
			o.req.Customer = no
			return runCustomerReplaceMeter(c.Context(), a, o)
		}),
	}
	f := c.Flags()
	f.StringVar(&o.req.Old, "old", "", "number of the meter that is taken out")
	f.StringVar(&o.req.New, "new", "", "number of the meter that is put in, 14 digits")
	f.StringVar(&o.final, "final", "", "final register of the old meter, in m³ (kWh)")
	o.display.add(f)
	f.StringVar(&o.first, "first", "0", "first register of the new meter, in m³ (kWh)")
	f.BoolVar(&o.req.CardReturned, "card-returned", false, "the old card was handed in: what is on it is carried over too")
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runCustomerReplaceMeter(ctx context.Context, a *app, o customerSwapOptions) (err error) {
	if o.req.OldRegister, err = vending.ParseThousandths(o.final); err != nil {
		return err
	}
	if o.req.NewRegister, err = vending.ParseThousandths(o.first); err != nil {
		return err
	}
	if err := o.display.into(&o.req.OldDisplay); err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		s, done, err := d.ReplaceMeter(ctx, deed, o.req)
		if err != nil {
			return err
		}
		_, meters, err := d.Store.Customer(ctx, o.req.Customer)
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, record{
			{key: "id", value: deed.ID.String()}, {key: "customer", value: o.req.Customer}, {key: "old", value: s.Old}, {key: "new", value: s.New},
			{key: "consumed", value: s.Position, text: vending.FormatCredit(ledger.Amount{N: s.Position, Commodity: meters[0].Commodity})},
			{key: "carried", value: s.Carried, text: vending.FormatCredit(ledger.Amount{N: s.Carried, Commodity: meters[0].Commodity})}, {key: "unit", value: string(meters[0].Commodity)},
			fen("carried_fen", s.CarriedFen), currency,
		})
	})
}
