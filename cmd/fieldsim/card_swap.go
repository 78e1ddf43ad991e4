package main

import (
	"github.com/spf13/cobra"
)

func cardSwapCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "swap",
		Short: "Put another card in its place, faster than pcscd can notice",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCard(c.Context(), a, "card/swap", o) },
	}
	readerFlag(c, &o)
	cardFlag(c, &o, 2)
	return c
}
