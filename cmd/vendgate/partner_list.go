package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// partnerListCommand is agent list or bank list.
func partnerListCommand(a *app, class ledger.Class) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List them: files, lines without a match, and what they hold of ours",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runPartnerList(c.Context(), a, class) },
	}
}

func runPartnerList(ctx context.Context, a *app, class ledger.Class) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.Standings(ctx, class)
		if err != nil {
			return err
		}
		var rs []record
		for _, st := range list {
			rs = append(rs, record{
				{key: "code", value: st.Account.Of},
				{key: "name", value: st.Name},
				{key: "files", value: st.Files},
				{key: "lines", value: st.Lines},
				{key: "unmatched", value: st.Unmatched},
				{key: "balance_fen", value: st.Balance, text: vending.FormatYuan(st.Balance) + " CNY"},
				{key: "currency", value: string(ledger.CNY)},
			})
		}
		return a.printList(rs)
	})
}
