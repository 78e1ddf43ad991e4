package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func ledgerTrialCommand(a *app) *cobra.Command {
	var period string
	c := &cobra.Command{
		Use:   "trial",
		Short: "Show the trial balance of a month, or of all of them",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runLedgerTrial(c.Context(), a, period) },
	}
	c.Flags().StringVar(&period, "period", "", "only this month, as 2026-10; what was before is carried forward")
	return c
}

func runLedgerTrial(ctx context.Context, a *app, month string) error {
	first, last, err := periods(month)
	if err != nil {
		return err
	}
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.Turnovers(ctx, first, last)
		if err != nil {
			return err
		}
		var rs []record
		for _, t := range list {
			rs = append(rs, record{
				{key: "account", value: t.Account.String()},
				{key: "commodity", value: string(t.Commodity)},
				{key: "before", value: t.Before, text: amount(t.Before, t.Commodity)},
				{key: "debits", value: t.Debits, text: amount(t.Debits, t.Commodity)},
				{key: "credits", value: t.Credits, text: amount(t.Credits, t.Commodity)},
				{key: "after", value: t.After(), text: amount(t.After(), t.Commodity)},
			})
		}
		return a.printList(rs)
	})
}

// periods are the month that was named, or all that there can be.
func periods(month string) (first, last int, err error) {
	if month == "" {
		return 0, 999912, nil
	}
	first, err = vending.ParsePeriod(month)
	return first, first, err
}
