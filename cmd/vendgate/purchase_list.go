package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/store"
)

type purchaseListOptions struct {
	customer int64
	inDoubt  bool
	limit    int
}

func purchaseListCommand(a *app) *cobra.Command {
	var o purchaseListOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List purchases; with --in-doubt those whose end is not known (exit 5 while there are any)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runPurchaseList(c.Context(), a, o) },
	}
	c.Flags().BoolVar(&o.inDoubt, "in-doubt", false, "only purchases whose end is not known")
	c.Flags().Int64Var(&o.customer, "customer", 0, "only this customer's")
	c.Flags().IntVar(&o.limit, "limit", 1000, "at most this many")
	return c
}

func runPurchaseList(ctx context.Context, a *app, o purchaseListOptions) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.Purchases(ctx, o.customer, o.inDoubt, o.limit)
		if err != nil {
			return err
		}
		var rs []record
		var customers []int64
		for _, p := range list {
			rs = append(rs, purchaseRecord(p))
			customers = append(customers, p.Customer)
		}
		if err := a.looked(ctx, s, "purchases", customers...); err != nil {
			return err
		}
		if err := a.printList(rs); err != nil {
			return err
		}
		if o.inDoubt && len(list) > 0 {
			return &remark{exitInDoubt, a.words().Text("doubts_remain", "Count", len(list))}
		}
		return nil
	})
}
