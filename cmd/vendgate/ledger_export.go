package main

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/report"
	"github.com/vendgate/vendgate/vending/store"
)

func ledgerExportCommand(a *app) *cobra.Command {
	var period, out string
	c := &cobra.Command{
		Use:   "export",
		Short: "Write every transfer of a month, or of all of them, as CSV",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runLedgerExport(c.Context(), a, period, out) },
	}
	c.Flags().StringVar(&period, "period", "", "only this month, as 2026-10")
	c.Flags().StringVar(&out, "out", "", "file to write (default: stdout)")
	return c
}

// exported are the columns of a transfer, in the order of its row.
var exported = []string{"book", "seq", "id", "kind", "pend_id", "debit", "credit", "amount", "commodity", "cause", "period", "occurred", "recorded"}

func runLedgerExport(ctx context.Context, a *app, month, out string) error {
	first, last, err := periods(month)
	if err != nil {
		return err
	}
	columns := make([]report.Column, len(exported))
	for i, key := range exported {
		columns[i].Key = key
	}
	return a.withStore(ctx, func(s *store.Store) error {
		by, err := a.who(ctx, s)
		if err != nil {
			return err
		}
		if err := by.Permit(vending.MayAccount); err != nil {
			return err
		}
		if err := s.Looked(ctx, 0, by, "ledger export "+month); err != nil {
			return err
		}
		return a.toFile(out, func(to io.Writer) error {
			table, err := report.AsCSV.New(to, "", columns)
			if err != nil {
				return err
			}
			if err := s.Export(ctx, first, last, func(seq int64, t ledger.Transfer) error { return table.Row(transferRow(seq, t)...) }); err != nil {
				return err
			}
			return table.Close()
		})
	})
}

func transferRow(seq int64, t ledger.Transfer) []any {
	pend := ""
	if t.Pend != uuid.Nil {
		pend = t.Pend.String()
	}
	clock := func(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }
	return []any{t.Customer, seq, t.ID, t.Kind, pend, t.Debit, t.Credit, t.Amount.N, t.Amount.Commodity, t.Cause, t.Period, clock(t.At), clock(t.Recorded)}
}
