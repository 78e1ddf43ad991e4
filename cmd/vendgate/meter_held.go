package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// heldListed bounds how many held reports are listed.
const heldListed = 1000

func meterHeldCommand(a *app) *cobra.Command {
	c := group("held", "Reports that are not believed before somebody has looked (RULES D4)", meterHeldEndCommand(a, "post", true),
		meterHeldEndCommand(a, "drop", false))
	c.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "List them (exit 3 while there are any)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeterHeld(c.Context(), a) },
	})
	return c
}

func runMeterHeld(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.HeldReports(ctx, heldListed)
		if err != nil {
			return err
		}
		var rs []record
		for _, h := range list {
			rs = append(rs, heldRecord(h))
		}
		if err := a.printList(rs); err != nil || len(list) == 0 {
			return err
		}
		return &remark{exitDifferences, a.words().Text("reports_held", "Count", len(list))}
	})
}

func meterHeldEndCommand(a *app, name string, believed bool) *cobra.Command {
	var id string
	c := &cobra.Command{
		Use:   name + " REPORT",
		Short: map[bool]string{true: "Believe a report after all: it is posted", false: "Drop a report: nothing of it is ever in the books"}[believed],
		Args:  oneArg,
		RunE: func(c *cobra.Command, args []string) error {
			return runMeterHeldEnd(c.Context(), a, args[0], id, believed)
		},
	}
	c.Flags().StringVar(&id, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runMeterHeldEnd(ctx context.Context, a *app, report, id string, believed bool) error {
	which, err := uuid.Parse(report)
	if err != nil {
		return vending.ErrIDInvalid.With("ID", report)
	}
	return a.withDeed(ctx, id, func(d *counter.Desk, deed vending.Deed) error {
		h, err := d.Store.HeldReport(ctx, which)
		if err != nil {
			return err
		}
		done, err := intake.EndHeld(ctx, d.Store, deed, h, believed, d.Now())
		if err != nil {
			return err
		}
		if h, err = d.Store.HeldReport(ctx, which); err != nil {
			return err
		}
		return a.didOne(done, heldRecord(h))
	})
}

func heldRecord(h vending.HeldReport) record {
	return append(record{{key: "report", value: h.ID.String()}, {key: "reason", value: h.Reason}, {key: "ended", value: string(h.Ended)}},
		reportRecord(h.Report, h.Counts)...)
}
