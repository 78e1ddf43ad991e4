package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

type customerLooksOptions struct {
	customer int64
	limit    int
}

func customerLooksCommand(a *app) *cobra.Command {
	var o customerLooksOptions
	c := &cobra.Command{
		Use:   "looks",
		Short: "List who looked up a customer's data, the newest first (supervisors; RULES B12)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCustomerLooks(c.Context(), a, o) },
	}
	c.Flags().Int64Var(&o.customer, "customer", 0, "the customer (default: reports on all customers)")
	c.Flags().IntVar(&o.limit, "limit", 1000, "at most this many")
	return c
}

func runCustomerLooks(ctx context.Context, a *app, o customerLooksOptions) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		if err := d.By.Permit(vending.MaySupervise); err != nil {
			return err
		}
		list, err := d.Store.Looks(ctx, o.customer, o.limit)
		if err != nil {
			return err
		}
		var rs []record
		for _, l := range list {
			rs = append(rs, record{
				{key: "at", value: l.At},
				{key: "who", value: l.Who},
				{key: "from", value: l.From},
				{key: "what", value: l.What},
			})
		}
		return a.printList(rs)
	})
}

// looked keeps that --staff looks up the data of customers.
func (a *app) looked(ctx context.Context, s *store.Store, what string, customers ...int64) error {
	by, err := a.who(ctx, s)
	if err != nil || len(customers) == 0 {
		return err
	}
	return s.LookedAll(ctx, customers, by, what)
}
