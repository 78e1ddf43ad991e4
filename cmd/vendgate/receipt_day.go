package main

import (
	"context"
	"encoding/hex"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/paper"
	"github.com/vendgate/vendgate/vending/words"
)

func receiptDayCommand(a *app) *cobra.Command {
	var o pressOptions
	c := &cobra.Command{
		Use:   "day DATE",
		Short: "Print the report of a day that has closed, with the head of the company's chain of records",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runReceiptDay(c.Context(), a, args[0], o) },
	}
	o.flags(c)
	return c
}

func runReceiptDay(ctx context.Context, a *app, date string, o pressOptions) error {
	on, err := vending.ParseDate(date)
	if err != nil {
		return err
	}
	print, err := o.press(a, paper.A4)
	if err != nil {
		return err
	}
	return a.withDesk(ctx, func(d *counter.Desk) error {
		if err := d.By.Permit(vending.MaySupervise); err != nil {
			return err
		}
		day, err := d.Store.Day(ctx, on)
		if err != nil {
			return err
		}
		report, err := dayReportOf(a.words(), day)
		if err != nil {
			return err
		}
		report.Company = o.company
		return print(report.Document(a.words()))
	})
}

func dayReportOf(w *words.Words, day vending.Day) (paper.DayReport, error) {
	r := paper.DayReport{Head: paper.Head{Number: day.Date.String(), Cashier: day.ClosedBy, At: day.ClosedAt}, Day: day.Date.Midnight(),
		Chain: hex.EncodeToString(day.Head)}
	if day.ClosedAt.IsZero() {
		r.Copy = w.Text("paper_not_closed")
	}
	taken, err := sumsBy(day.Takings, func(t vending.Takings) string { return t.Shift })
	if err != nil {
		return r, err
	}
	of := map[string]int64{}
	for _, s := range taken {
		of[s.Name] = s.Fen
	}
	for _, s := range day.Shifts {
		r.Shifts = append(r.Shifts, paper.ShiftLine{Shift: s.Number(), Cashier: s.Cashier, TakenFen: of[s.Number()], DifferenceFen: s.Difference()})
	}
	if r.Means, err = sumsBy(day.Takings, func(t vending.Takings) string { return w.Text("paper_by_means", "Means", string(t.Means)) }); err != nil {
		return r, err
	}
	r.Sales, err = sumsBy(day.Takings, func(t vending.Takings) string { return t.Class })
	return r, err
}
