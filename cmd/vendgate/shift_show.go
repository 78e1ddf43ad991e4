package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func shiftShowCommand(a *app) *cobra.Command {
	var held bool
	c := &cobra.Command{
		Use:   "show SHIFT",
		Short: "Show a shift, as 1-17",
		Args:  oneArg,
		RunE:  func(c *cobra.Command, args []string) error { return runShiftShow(c.Context(), a, args[0], held) },
	}
	c.Flags().BoolVar(&held, "held", false, "show what the books say it holds, by means of payment (supervisors: the cashier counts blind)")
	return c
}

func runShiftShow(ctx context.Context, a *app, number string, held bool) error {
	return a.withDesk(ctx, func(d *counter.Desk) error {
		if held {
			return a.showHeld(ctx, d, number)
		}
		s, err := d.Store.Shift(ctx, number)
		if err != nil {
			return err
		}
		return a.printOne(shiftRecord(s))
	})
}

func (a *app) showHeld(ctx context.Context, d *counter.Desk, number string) error {
	if err := d.By.Permit(vending.MaySupervise); err != nil {
		return err
	}
	if _, err := d.Store.Shift(ctx, number); err != nil {
		return err
	}
	held, err := d.Store.HeldByShift(ctx, number)
	if err != nil {
		return err
	}
	var rs []record
	for _, m := range vending.AllMeans {
		rs = append(rs, record{{key: "shift", value: number}, {key: "means", value: string(m)}, fen("held_fen", held[m]), currency})
	}
	return a.printList(rs)
}
