package main

import (
	"github.com/spf13/cobra"
)

func cardPullCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "pull",
		Short: "Take the card out of a reader",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCard(c.Context(), a, "card/pull", o) },
	}
	readerFlag(c, &o)
	return c
}
