package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

func meterTimeCommand(a *app) *cobra.Command {
	var meter, id string
	var dryRun bool
	c := &cobra.Command{
		Use:   "time",
		Short: "Set the clock of a meter on a line to ours, and prove that it is",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeterTime(c.Context(), a, meter, id, dryRun) },
	}
	meterFlag(c, &meter)
	deedFlags(c.Flags(), &id, &dryRun)
	return c
}

func runMeterTime(ctx context.Context, a *app, meter, id string, dryRun bool) error {
	return a.tellMeter(ctx, meter, id, dryRun, func(d *counter.Desk, deed vending.Deed, m vending.LineMeter, w *intake.Wire) (record, bool, error) {
		done, err := d.SetClock(ctx, deed, m, w)
		return record{{key: "set_at", value: d.Now().UTC()}}, done, err
	})
}

// tellMeter tells a meter on a line something, as a deed, and prints what.
func (a *app) tellMeter(ctx context.Context, meter, id string, dryRun bool,
	tell func(*counter.Desk, vending.Deed, vending.LineMeter, *intake.Wire) (record, bool, error),
) error {
	return a.withMeter(ctx, meter, func(d *counter.Desk, m vending.LineMeter, w *intake.Wire) error {
		deed, err := a.deed(ctx, d.Store, "", id, nil)
		if err != nil {
			return err
		}
		if dryRun {
			d = d.Rehearsal()
		}
		what, done, err := tell(d, deed, m, w)
		if err != nil {
			return err
		}
		about := record{{key: "id", value: deed.ID.String()}, {key: "meter", value: m.Meter}, {key: "customer", value: m.Customer}}
		return a.didOne(done || dryRun, append(about, what...))
	})
}
