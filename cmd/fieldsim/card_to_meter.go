package main

import (
	"github.com/spf13/cobra"
)

func cardToMeterCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "to-meter",
		Short: "Take the card to its meter, let it load, and put it back into the reader",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runMeter(c.Context(), a, "card/to-meter", o) },
	}
	readerFlag(c, &o)
	meterFlag(c, &o)
	return c
}
