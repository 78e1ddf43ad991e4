package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type advanceRefundOptions struct {
	amount, id string
	dryRun     bool
	req        counter.RefundRequest
}

func advanceRefundCommand(a *app) *cobra.Command {
	var o advanceRefundOptions
	c := &cobra.Command{
		Use:   "refund",
		Short: "Pay money that a customer has with us out of the cashier's shift; with --why, above a limit with --approve",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runAdvanceRefund(c.Context(), a, o) },
	}
	f := c.Flags()
	f.Int64Var(&o.req.Customer, "customer", 0, "customer number")
	f.StringVar(&o.amount, "amount", "", "yuan")
	payFlags(f, &o.req.Payment)
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runAdvanceRefund(ctx context.Context, a *app, o advanceRefundOptions) (err error) {
	if o.req.AmountFen, err = vending.ParseYuan(o.amount); err != nil {
		return err
	}
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		done, err := d.RefundAdvance(ctx, deed, o.req)
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, record{{key: "id", value: deed.ID.String()}, {key: "customer", value: o.req.Customer},
			fen("amount_fen", o.req.AmountFen), currency})
	})
}
