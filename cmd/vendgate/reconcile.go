package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/counter"
)

func reconcileCommand(a *app) *cobra.Command {
	var meter string
	c := &cobra.Command{
		Use:   "reconcile",
		Short: "Hold what cards and meters last said against the ledger (exit 3 where they differ)",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runReconcile(c.Context(), a, meter) },
	}
	c.Flags().StringVar(&meter, "meter", "", "only this meter (default: all)")
	return c
}

func runReconcile(ctx context.Context, a *app, meter string) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		var rs []record
		differences, doubts := 0, 0
		err := d.Reconcile(ctx, meter, func(r counter.Reconciled) error {
			rs = append(rs, reconciledRecord(r))
			differences += len(r.Discrepancies)
			if r.Statement.InDoubt {
				doubts++
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := a.printList(rs); err != nil {
			return err
		}
		switch {
		case doubts > 0:
			return &remark{exitInDoubt, a.words().Text("doubts_remain", "Count", doubts)}
		case differences > 0:
			return &remark{exitDifferences, a.words().Text("differences", "Count", differences)}
		}
		return nil
	})
}

func reconciledRecord(r counter.Reconciled) record {
	st := r.Statement
	unit := st.Meter.Commodity
	sold := st.Books.OnCard.N + st.Books.InMeter.N + st.Books.Consumed.N
	details := []string{}
	text := ""
	for _, d := range r.Discrepancies {
		details = append(details, d.String())
		text += d.String() + "\n"
	}
	return record{
		{key: "meter", value: st.Meter.No},
		{key: "customer", value: st.Customer},
		{key: "card", value: st.Books.Card},
		{key: "sold", value: sold, text: amount(sold, unit)},
		{key: "on_card", value: st.Books.OnCard.N, text: amount(st.Books.OnCard.N, unit)},
		{key: "in_meter", value: st.Books.InMeter.N, text: amount(st.Books.InMeter.N, unit)},
		{key: "consumed", value: st.Books.Consumed.N, text: amount(st.Books.Consumed.N, unit)},
		{key: "unit", value: string(unit)},
		{key: "in_doubt", value: st.InDoubt},
		{key: "differences", value: details, text: text + " "},
	}
}
