package main

import (
	"context"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func terminalRevokeCommand(a *app) *cobra.Command {
	var deedID string
	c := &cobra.Command{
		Use:   "revoke ID",
		Short: "End a terminal: it is refused from the next card on (RULES C3)",
		Args:  oneArg,
		RunE: func(c *cobra.Command, args []string) error {
			return runTerminalRevoke(c.Context(), a, args[0], deedID)
		},
	}
	c.Flags().StringVar(&deedID, "id", "", "UUID of this deed (default: a new one, which is printed)")
	return c
}

func runTerminalRevoke(ctx context.Context, a *app, which, deedID string) error {
	id, err := uuid.Parse(which)
	if err != nil {
		return vending.ErrNoTerminal.With("Which", which)
	}
	return a.withDeed(ctx, deedID, func(d *counter.Desk, deed vending.Deed) error {
		done, err := d.RevokeTerminal(ctx, deed, id)
		if err != nil {
			return err
		}
		t, err := d.Store.Terminal(ctx, id)
		if err != nil {
			return err
		}
		return a.didOne(done, terminalRecord(t))
	})
}
