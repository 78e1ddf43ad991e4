package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func ledgerCheckCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check every invariant of the books (exit 1 where one is broken)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runLedgerCheck(c.Context(), a) },
	}
}

func runLedgerCheck(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		found, err := s.CheckBooks(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, v := range found {
			rs = append(rs, record{{key: "invariant", value: v.Invariant}, {key: "detail", value: v.Detail}})
		}
		if err := a.printList(rs); err != nil {
			return err
		}
		if len(found) > 0 {
			return vending.ErrBooks.With("Count", len(found))
		}
		return nil
	})
}
