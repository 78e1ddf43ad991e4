package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type agentSettleOptions struct{ code, bank, amount, id string }

func agentSettleCommand(a *app) *cobra.Command {
	var o agentSettleOptions
	c := &cobra.Command{
		Use:   "settle",
		Short: "Book what an agent has paid to one of our bank accounts",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runAgentSettle(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.code, "code", "", "the agent")
	f.StringVar(&o.bank, "bank", "", "our bank account")
	f.StringVar(&o.amount, "amount", "", "money in yuan, as 200 or 200.00")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runAgentSettle(ctx context.Context, a *app, o agentSettleOptions) error {
	n, err := vending.ParseYuan(o.amount)
	if err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if err := a.doneBefore(d.Settle(ctx, deed, o.code, o.bank, n)); err != nil {
			return err
		}
		return a.printOne(record{
			{key: "agent", value: o.code},
			{key: "bank", value: o.bank},
			{key: "amount_fen", value: n, text: vending.FormatYuan(n) + " CNY"},
			{key: "currency", value: string(ledger.CNY)},
		})
	})
}
