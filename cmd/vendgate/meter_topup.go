package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

func meterTopUpCommand(a *app) *cobra.Command {
	var o topUpOptions
	var meter string
	c := &cobra.Command{
		Use:   "topup",
		Short: "Take money and send the credit to a meter on a line",
		Long: `Take money and send the credit to a meter on a line. The meter is asked what it took: only that proves the sale.

The id says which sale this is. After an error, or where it ends in doubt (5), give the same id again: a lost answer leads to a
question, and to the same order with the same count, never to a second sale. The meter's next report settles it, too.` + esamHelp,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterTopUp(c.Context(), a, meter, o) },
	}
	meterFlag(c, &meter)
	o.moneyFlags(c.Flags())
	a.esamFlag(c.Flags())
	return c
}

func runMeterTopUp(ctx context.Context, a *app, meter string, o topUpOptions) error {
	req, err := o.request()
	if err != nil {
		return err
	}
	return a.withMeter(ctx, meter, func(d *counter.Desk, m vending.LineMeter, w *intake.Wire) error {
		t := d.OnLine(m, &proven{Wire: w, app: a})
		if o.dryRun {
			q, err := d.Quote(ctx, t, req)
			if err != nil {
				return err
			}
			return a.printOne(quotedRecord(q))
		}
		if o.id == "" {
			fmt.Fprintf(a.errs, "id %s\n", req.ID) // before anything happens, so that it can be given again
		}
		done, err := d.TopUpOnLine(ctx, t, req)
		if err != nil {
			return err
		}
		return a.ended(done)
	})
}
