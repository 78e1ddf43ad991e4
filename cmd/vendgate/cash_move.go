package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type cashMoveOptions struct {
	from, to, amount, id string
	dryRun               bool
}

func cashMoveCommand(a *app) *cobra.Command {
	var o cashMoveOptions
	c := &cobra.Command{
		Use:   "move",
		Short: "Take the company's cash from a safe to a bank account, or back",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCashMove(c.Context(), a, o) },
	}
	f := c.Flags()
	f.StringVar(&o.from, "from", "safe:main", "where it is: safe:NAME or bank:NAME")
	f.StringVar(&o.to, "to", "bank:main", "where it goes")
	f.StringVar(&o.amount, "amount", "", "money in yuan, as 200 or 200.00")
	f.StringVar(&o.id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	f.BoolVar(&o.dryRun, "dry-run", false, "check the request; move nothing")
	return c
}

func runCashMove(ctx context.Context, a *app, o cashMoveOptions) error {
	n, err := vending.ParseYuan(o.amount)
	if err != nil {
		return err
	}
	r := record{{key: "from", value: o.from}, {key: "to", value: o.to}, fen("amount_fen", n), currency}
	if o.dryRun {
		if _, _, err := vending.Places(o.from, o.to); err != nil {
			return err
		}
		return a.printOne(r)
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		done, err := d.MoveCash(ctx, deed, counter.CashMove{From: o.from, To: o.to, AmountFen: n})
		if err != nil {
			return err
		}
		return a.didOne(done, r)
	})
}
