package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type withholdingMandateOptions struct {
	customer   int64
	number, id string
}

func withholdingMandateCommand(a *app) *cobra.Command {
	var o withholdingMandateOptions
	c := &cobra.Command{
		Use:   "mandate",
		Short: "Keep a customer's mandate for a bank to withhold, or cancel it",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runWithholdingMandate(c.Context(), a, o) },
	}
	f := c.Flags()
	f.Int64Var(&o.customer, "customer", 0, "customer number")
	f.StringVar(&o.number, "number", "", "number of the mandate; empty cancels it")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runWithholdingMandate(ctx context.Context, a *app, o withholdingMandateOptions) error {
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		done, err := d.SetMandate(ctx, deed, o.customer, o.number)
		if err != nil {
			return err
		}
		return a.didOne(done, record{{key: "customer", value: o.customer}, {key: "mandate", value: o.number}})
	})
}
