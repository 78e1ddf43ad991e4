package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type depositOptions struct {
	amount, id string
	dryRun     bool
	payment    vending.Payment
}

func depositTakeCommand(a *app) *cobra.Command {
	return depositCommand(a, "take CUSTOMER", "Take a deposit into the cashier's shift", (*counter.Desk).TakeDeposit)
}

func depositReturnCommand(a *app) *cobra.Command {
	return depositCommand(a, "return CUSTOMER", "Pay a deposit back out of the cashier's shift; above a limit with --approve", (*counter.Desk).ReturnDeposit)
}

// moveDeposit is what is done with a deposit; held is what it is afterwards.
type moveDeposit func(*counter.Desk, context.Context, vending.Deed, counter.DepositMove) (held int64, done bool, err error)

func depositCommand(a *app, use, short string, do moveDeposit) *cobra.Command {
	var o depositOptions
	c := &cobra.Command{
		Use: use, Short: short, Args: oneCustomer,
		RunE: withCustomer(func(c *cobra.Command, no int64) error { return runDeposit(c.Context(), a, no, o, do) }),
	}
	f := c.Flags()
	f.StringVar(&o.amount, "amount", "", "yuan")
	payFlags(f, &o.payment)
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runDeposit(ctx context.Context, a *app, no int64, o depositOptions, do moveDeposit) error {
	amount, err := vending.ParseYuan(o.amount)
	if err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		held, done, err := do(d, ctx, deed, counter.DepositMove{Customer: no, AmountFen: amount, Payment: o.payment})
		if err != nil {
			return err
		}
		r := record{{key: "id", value: deed.ID.String()}, {key: "customer", value: no}, fen("amount_fen", amount)}
		if done || o.dryRun {
			r = append(r, fen("held_fen", held))
		}
		return a.didOne(done || o.dryRun, append(r, currency))
	})
}
