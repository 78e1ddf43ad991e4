package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func customerCorrectMeterCommand(a *app) *cobra.Command {
	var req counter.MeterCorrection
	var id string
	var dryRun bool
	c := &cobra.Command{
		Use:   "correct-meter CUSTOMER",
		Short: "Correct a meter number that was wrong from the beginning, everywhere at once (RULES A5); --why says the reason",
		Long: `Correct a meter number that was wrong from the beginning, everywhere at once
(RULES A5); --why says the reason.

Nothing may have been sold for the old number, and it must not have reported: then
"replace-meter" carries over what it holds. A card that was issued for the old
number is dead; issue a new one.`,
		Args: oneCustomer,
		RunE: withCustomer(func(c *cobra.Command, no int64) error {
			req.Customer = no
			return runCustomerCorrectMeter(c.Context(), a, req, id, dryRun)
		}),
	}
	f := c.Flags()
	f.StringVar(&req.Old, "old", "", "the number in the books, which is wrong")
	f.StringVar(&req.New, "new", "", "the number of the meter on site, 14 digits")
	deedFlags(f, &id, &dryRun)
	return c
}

func runCustomerCorrectMeter(ctx context.Context, a *app, req counter.MeterCorrection, id string, dryRun bool) error {
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		if dryRun {
			d = d.Rehearsal()
		}
		done, err := d.CorrectMeter(ctx, deed, req)
		if err != nil {
			return err
		}
		return a.didOne(done || dryRun, record{{key: "id", value: deed.ID.String()}, {key: "customer", value: req.Customer},
			{key: "old", value: req.Old}, {key: "meter", value: req.New}})
	})
}
