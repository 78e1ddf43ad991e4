package main

import (
	"github.com/spf13/cobra"
)

func cardInsertCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "insert",
		Short: "Put a card into a reader",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCard(c.Context(), a, "card/insert", o) },
	}
	readerFlag(c, &o)
	cardFlag(c, &o, 1)
	return c
}
