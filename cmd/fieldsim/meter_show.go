package main

import "github.com/spf13/cobra"

func meterShowCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "show",
		Short: "Show a meter's display",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeter(c.Context(), a, "status", o) },
	}
	meterFlag(c, &o)
	return c
}
