package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type agentCollectOptions struct {
	code, reference, amount, day, id string
	customer                         int64
}

func agentCollectCommand(a *app) *cobra.Command {
	var o agentCollectOptions
	c := &cobra.Command{
		Use:   "collect",
		Short: "Take what an agent has collected from a customer, as it reports it at once",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runAgentCollect(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.code, "code", "", "the agent")
	f.Int64Var(&o.customer, "customer", 0, "customer number")
	f.StringVar(&o.reference, "reference", "", "the agent's own number of it; it is taken once")
	f.StringVar(&o.amount, "amount", "", "money in yuan, as 200 or 200.00")
	f.StringVar(&o.day, "day", "", "when it was collected, as 2026-03-05")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runAgentCollect(ctx context.Context, a *app, o agentCollectOptions) error {
	c := vending.Collection{Agent: o.code, Customer: o.customer, Reference: o.reference}
	var err error
	if c.Fen, err = vending.ParseYuan(o.amount); err != nil {
		return err
	}
	if c.Day, err = vending.ParseDate(o.day); err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if err := a.doneBefore(d.Collect(ctx, deed, c)); err != nil {
			return err
		}
		return a.printOne(record{
			{key: "agent", value: c.Agent},
			{key: "customer", value: c.Customer},
			{key: "reference", value: c.Reference},
			{key: "amount_fen", value: c.Fen, text: vending.FormatYuan(c.Fen) + " CNY"},
			{key: "currency", value: string(ledger.CNY)},
		})
	})
}
