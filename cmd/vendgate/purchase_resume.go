package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/counter"
)

func purchaseResumeCommand(a *app) *cobra.Command {
	var readerName string
	c := &cobra.Command{
		Use:   "resume",
		Short: "Settle what is in doubt on the card in the reader",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runPurchaseResume(c.Context(), a, readerName) },
	}
	readerFlag(c.Flags(), &readerName)
	return c
}

func runPurchaseResume(ctx context.Context, a *app, readerName string) error {
	return a.withCounter(ctx, readerName, func(d *counter.Desk, t counter.Terminal) error {
		done, err := d.Resume(ctx, t)
		if err != nil {
			return err
		}
		return a.ended(done)
	})
}
