package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type ledgerRecordsOptions struct {
	customer, after int64
	limit           int
}

func ledgerRecordsCommand(a *app) *cobra.Command {
	var o ledgerRecordsOptions
	c := &cobra.Command{
		Use:   "records",
		Short: "List a book's audit records: who did what, when, why and from where (supervisors)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runLedgerRecords(c.Context(), a, o) },
	}
	c.Flags().Int64Var(&o.customer, "customer", 0, "this customer's book (default: the company's own)")
	c.Flags().Int64Var(&o.after, "after", 0, "only links after this one")
	c.Flags().IntVar(&o.limit, "limit", 1000, "at most this many")
	return c
}

func runLedgerRecords(ctx context.Context, a *app, o ledgerRecordsOptions) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		if err := d.By.Permit(vending.MaySupervise); err != nil {
			return err
		}
		list, err := d.Store.Records(ctx, o.customer, o.after, o.limit)
		if err != nil {
			return err
		}
		if err := d.Store.Looked(ctx, o.customer, d.By, "records"); err != nil {
			return err
		}
		var rs []record
		for _, l := range list {
			rs = append(rs, record{
				{key: "link", value: l.Seq},
				{key: "recorded", value: l.Recorded},
				{key: "happened", value: l.At},
				{key: "kind", value: l.Kind},
				{key: "who", value: l.Who},
				{key: "approved", value: l.Approved},
				{key: "from", value: l.From},
				{key: "why", value: l.Why},
				{key: "id", value: l.ID.String()},
				{key: "detail", value: l.Detail},
				{key: "hash", value: l.Hash.String(), text: l.Hash.String()[:8]},
			})
		}
		return a.printList(rs)
	})
}
