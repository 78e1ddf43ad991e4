package main

import "github.com/spf13/cobra"

func cardStatusCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the readers and the cards in them",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runCard(c.Context(), a, "status", order{}) },
	}
}
