package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/counter"
)

type cardIssueOptions struct {
	reader   string
	customer int64
	meter    string
}

func cardIssueCommand(a *app) *cobra.Command {
	var o cardIssueOptions
	c := &cobra.Command{
		Use:   "issue",
		Short: "Make the blank card in the reader the card of a customer's meter (RULES C1)",
		Long: `Make the blank card in the reader the card of a customer's meter (RULES C1).

The chip decides what can be made of it: --layout names one of vendgate layout list.
Chips behind an I2C reader do not say what they are: --chips does, for a blank one.
Cut anywhere, the same command with the same card finishes it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCardIssue(c.Context(), a, o) },
	}
	readerFlag(c.Flags(), &o.reader)
	a.newCardFlags(c.Flags())
	c.Flags().Int64Var(&o.customer, "customer", 0, "customer number")
	c.Flags().StringVar(&o.meter, "meter", "", "meter number (default: the customer's only one)")
	return c
}

func runCardIssue(ctx context.Context, a *app, o cardIssueOptions) error {
	return a.withCounter(ctx, o.reader, func(d *counter.Desk, t counter.Terminal) error {
		_, meters, err := d.Store.Customer(ctx, o.customer)
		if err != nil {
			return err
		}
		if o.meter == "" {
			o.meter = meters[0].No
		}
		card, repeated, err := d.IssueCard(ctx, t, o.customer, o.meter)
		if err != nil {
			return err
		}
		if repeated {
			fmt.Fprintln(a.errs, a.words().Text("already_done"))
		}
		return a.printOne(cardRecord(card))
	})
}
