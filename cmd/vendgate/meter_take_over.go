package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

type meterTakeOverOptions struct {
	meter, cost, id string
	req             counter.MeterTakeOver
	dryRun          bool
}

func meterTakeOverCommand(a *app) *cobra.Command {
	var o meterTakeOverOptions
	c := &cobra.Command{
		Use:   "take-over",
		Short: "Sell on a meter on a line that has counted purchases before, from where it stands",
		Long: `Sell on a meter on a line that has counted purchases before: those of another program, or of its card. The meter must be on its line
(meter add).

--dry-run shows what it has taken, burnt and has left. Say count and total again, as they were shown, and what the credit that is left
cost; somebody else approves it (--approve). That is the opening of its accounts then, and its next purchase has the next count. With
--close-card its card was handed in: its credit must be in the meter.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runMeterTakeOver(c.Context(), a, o) },
	}
	meterFlag(c, &o.meter)
	f := c.Flags()
	f.Uint32Var(&o.req.Count, "count", 0, "purchases that it has taken, as it shows them")
	f.StringVar(&o.req.Total, "total", "", "all that it has taken, as it shows it: m³, kWh or yuan")
	f.StringVar(&o.cost, "credit-cost", "", "what the credit that is left cost, in yuan; not of a meter that counts money")
	f.BoolVar(&o.req.CloseCard, "close-card", false, "its card was handed in, and is dead from now on")
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runMeterTakeOver(ctx context.Context, a *app, o meterTakeOverOptions) error {
	if o.cost != "" {
		fen, err := vending.ParseYuan(o.cost)
		if err != nil {
			return err
		}
		o.req.CostFen = &fen
	}
	return a.tellMeter(ctx, o.meter, o.id, o.dryRun, func(d *counter.Desk, deed vending.Deed, m vending.LineMeter, w *intake.Wire) (record, bool, error) {
		opening, done, err := d.TakeOverMeter(ctx, deed, m, w, o.req)
		if err != nil || o.dryRun {
			return openingRecord(opening), done, err
		}
		card, _, err := d.IssueCard(ctx, d.OnLine(m, w), m.Customer, m.Meter)
		soldAs := record{{key: "sold_as", value: card.No}}
		if !done {
			return soldAs, false, err
		}
		return append(openingRecord(opening), soldAs...), done, err
	})
}

// openingRecord is what a meter that is taken over shows, and what the books make of it.
func openingRecord(o vending.MeterOpening) record {
	r, unit := o.Report, o.Meter.Commodity
	return record{
		{key: "count", value: int64(r.Count)},
		{key: "total", value: r.Loaded, text: amount(r.Loaded, unit)},
		{key: "consumed", value: r.Consumed, text: amount(r.Consumed, unit)},
		{key: "remaining", value: r.Remaining, text: amount(r.Remaining, unit)},
		{key: "unit", value: string(unit)},
		{key: "books_total", value: o.Total, text: amount(o.Total, unit)},
		{key: "new_credit", value: o.Fresh(), text: amount(o.Fresh(), unit)},
		fen("cost_fen", o.CostFen), currency,
	}
}
