package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending/counter"
)

func cardReadCommand(a *app) *cobra.Command {
	var readerName string
	c := &cobra.Command{
		Use:   "read",
		Short: "Show the card in the reader, and take in what its meter wrote back",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCardRead(c.Context(), a, readerName) },
	}
	readerFlag(c.Flags(), &readerName)
	return c
}

func runCardRead(ctx context.Context, a *app, readerName string) error {
	return a.withCounter(ctx, readerName, func(d *counter.Desk, t counter.Terminal) error {
		view, err := d.Look(ctx, t)
		if err != nil {
			return err
		}
		return a.printOne(viewRecord(view))
	})
}

func viewRecord(v counter.View) record {
	unit := counter.Commodity(v.Contents.Identity.Unit)
	purse := v.Contents.Purse
	r := record{
		{key: "card", value: v.File.No},
		{key: "state", value: string(v.File.State)},
		{key: "customer", value: v.Customer.No},
		{key: "name", value: v.Customer.Name},
		{key: "meter", value: v.File.Meter},
		{key: "count", value: purse.Count},
		{key: "credit", value: purse.Credit, text: amount(purse.Credit, unit)},
		{key: "total", value: purse.Total, text: amount(purse.Total, unit)},
		{key: "unit", value: string(unit)},
	}
	if w := v.Contents.WriteBack; w != nil {
		r = append(r,
			field{key: "meter_time", value: w.MeterTime},
			field{key: "meter_count", value: w.Count},
			field{key: "meter_loaded", value: w.Loaded, text: amount(w.Loaded, unit)},
			field{key: "meter_remaining", value: w.Remaining, text: amount(w.Remaining, unit)},
			field{key: "meter_consumed", value: w.Consumed, text: amount(w.Consumed, unit)},
			field{key: "valve_open", value: w.ValveOpen},
			field{key: "battery_low", value: w.BatteryLow},
			field{key: "tamper", value: w.Tamper})
	}
	if v.IsPurse() {
		r = append(r, field{key: "balance", value: purse.Balance, text: amount(purse.Balance, unit)})
	}
	r = append(r, chargedFields(v.Charges)...)
	if v.Pending != nil {
		r = append(r, field{key: "in_doubt", value: v.Pending.ID.String()})
	}
	lacks := lacking(v.Contents)
	return slices.DeleteFunc(r, func(f field) bool { return lacks[f.key] })
}

// lacking are the values that the card has no place for: a zero would be a lie.
func lacking(c cardio.Contents) map[string]bool {
	l := c.Purse.Lacks
	keys := map[string]bool{"count": l.Has(cardio.LacksCount), "credit": l.Has(cardio.LacksCredit), "total": l.Has(cardio.LacksTotal)}
	if w := c.WriteBack; w != nil {
		keys["meter_time"] = w.MeterTime.IsZero()
		keys["meter_loaded"], keys["meter_consumed"] = w.Lacks.Has(cardio.LacksLoaded), w.Lacks.Has(cardio.LacksConsumed)
	}
	return keys
}
