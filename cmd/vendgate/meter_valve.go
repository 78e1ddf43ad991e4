package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

type meterValveOptions struct {
	meter  string
	order  counter.ValveOrder
	id     string
	dryRun bool
}

// meterValveCommands are open and close.
func meterValveCommands(a *app) *cobra.Command {
	return group("valve", "The valve of a meter on a line", meterValveCommand(a, "open", true), meterValveCommand(a, "close", false))
}

func meterValveCommand(a *app, name string, open bool) *cobra.Command {
	o := meterValveOptions{order: counter.ValveOrder{Open: open}}
	c := &cobra.Command{
		Use:   name,
		Short: "Order the valve to " + name + ", and prove that it did",
		Long: `Order the valve to ` + name + `, and prove that it did by reading it back. Never the wrong household (RULES A8): the meter number
is confirmed twice, as read on site and from the papers. Ends with 5 where nothing is proved: the same id again looks first.` + esamHelp,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterValve(c.Context(), a, o) },
	}
	meterFlag(c, &o.meter)
	c.Flags().StringVar(&o.order.Seen, "seen", "", "meter number, confirmed")
	c.Flags().StringVar(&o.order.SeenAgain, "seen-again", "", "the same, confirmed a second time")
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	a.esamFlag(c.Flags())
	return c
}

func runMeterValve(ctx context.Context, a *app, o meterValveOptions) error {
	return a.tellMeter(ctx, o.meter, o.id, o.dryRun, func(d *counter.Desk, deed vending.Deed, m vending.LineMeter, w *intake.Wire) (record, bool, error) {
		if err := a.proves(ctx, w); err != nil {
			return nil, false, err
		}
		done, err := d.TurnValve(ctx, deed, m, o.order, w)
		return record{{key: "valve_open", value: o.order.Open}}, done, err
	})
}
