package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

type meterBaseOptions struct {
	meter, register, id string
	order               counter.BaseOrder
	dryRun              bool
}

func meterBaseCommand(a *app) *cobra.Command {
	var o meterBaseOptions
	c := &cobra.Command{
		Use:   "base",
		Short: "Put the electronic register of a meter on a line to where the mechanical one stands (RULES D6)",
		Long: `Put the electronic register of a meter on a line to where the mechanical one stands (RULES D6), and prove that it does.

It needs a supervisor, a reason, and the meter number confirmed twice. Nothing in the books moves: what differs, reconcile shows.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterBase(c.Context(), a, o) },
	}
	meterFlag(c, &o.meter)
	c.Flags().StringVar(&o.register, "register", "", "the register in m³, as 120.50")
	c.Flags().StringVar(&o.order.Seen, "seen", "", "meter number, confirmed")
	c.Flags().StringVar(&o.order.SeenAgain, "seen-again", "", "the same, confirmed a second time")
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	return c
}

func runMeterBase(ctx context.Context, a *app, o meterBaseOptions) (err error) {
	if o.order.Litres, err = vending.ParseThousandths(o.register); err != nil {
		return err
	}
	return a.tellMeter(ctx, o.meter, o.id, o.dryRun, func(d *counter.Desk, deed vending.Deed, m vending.LineMeter, w *intake.Wire) (record, bool, error) {
		done, err := d.SetRegister(ctx, deed, m, o.order, w)
		return record{{key: "register_litres", value: o.order.Litres, text: amount(o.order.Litres, "L")}}, done, err
	})
}
