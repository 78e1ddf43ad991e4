package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/store"
)

func meterListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the meters on lines",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeterList(c.Context(), a) },
	}
}

func runMeterList(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.LineMeters(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, m := range list {
			rs = append(rs, lineMeterRecord(m))
		}
		return a.printList(rs)
	})
}
