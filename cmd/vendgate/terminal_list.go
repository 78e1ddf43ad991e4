package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/store"
)

func terminalListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the terminals, those that were revoked too",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runTerminalList(c.Context(), a) },
	}
}

func runTerminalList(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.Terminals(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, t := range list {
			rs = append(rs, terminalRecord(t))
		}
		return a.printList(rs)
	})
}
