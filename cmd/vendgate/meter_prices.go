package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

func meterPricesCommand(a *app) *cobra.Command {
	var meter, id string
	var dryRun bool
	c := &cobra.Command{
		Use:   "prices",
		Short: "Send the prices in force to a meter on a line that counts money, and prove that it charges them",
		Long: `Send the prices in force to a meter on a line that counts money, and prove that it charges them.

The meter is asked first, and told nothing where it charges them already. A new price counts from when the meter says that it charges
it: after an error, or where nothing is proved (5), give the same id again, and the meter is asked what became of the order. An
electricity meter changes over by its own clock, within three minutes: until then nothing is proved.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterPrices(c.Context(), a, meter, id, dryRun) },
	}
	meterFlag(c, &meter)
	deedFlags(c.Flags(), &id, &dryRun)
	return c
}

func runMeterPrices(ctx context.Context, a *app, meter, id string, dryRun bool) error {
	return a.tellMeter(ctx, meter, id, dryRun, func(d *counter.Desk, deed vending.Deed, m vending.LineMeter, w *intake.Wire) (record, bool, error) {
		version, done, err := d.SendPrices(ctx, deed, m, w)
		return record{{key: "tariff", value: version.Code}, {key: "from", value: vending.DateOf(version.From).String()}}, done, err
	})
}
