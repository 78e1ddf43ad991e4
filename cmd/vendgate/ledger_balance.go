package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending/store"
)

func ledgerBalanceCommand(a *app) *cobra.Command {
	var customer int64
	c := &cobra.Command{
		Use:   "balance",
		Short: "Show the trial balance, or one customer's accounts",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runLedgerBalance(c.Context(), a, customer) },
	}
	c.Flags().Int64Var(&customer, "customer", 0, "only this customer's accounts")
	return c
}

func runLedgerBalance(ctx context.Context, a *app, customer int64) error {
	return a.withStore(ctx, func(s *store.Store) (err error) {
		var balances []ledger.Balance
		if customer == 0 {
			balances, err = s.Trial(ctx)
		} else if _, _, err = s.Customer(ctx, customer); err == nil {
			if err = a.looked(ctx, s, "balances", customer); err == nil {
				balances, err = s.Balances(ctx, customer)
			}
		}
		if err != nil {
			return err
		}
		var rs []record
		for _, b := range balances {
			rs = append(rs, record{
				{key: "account", value: b.Account.String()},
				{key: "commodity", value: string(b.Commodity)},
				{key: "posted", value: b.Posted, text: amount(b.Posted, b.Commodity)},
				{key: "incoming", value: b.Incoming, text: amount(b.Incoming, b.Commodity)},
				{key: "outgoing", value: b.Outgoing, text: amount(b.Outgoing, b.Commodity)},
			})
		}
		return a.printList(rs)
	})
}
