package main

import (
	"github.com/spf13/cobra"
)

func meterDaysCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "days DAYS",
		Short: "Let days go by at a meter",
		Args:  oneNumber,
		RunE: func(c *cobra.Command, args []string) error {
			o.Days = int(number(args[0]))
			return runMeter(c.Context(), a, "meter/days", o)
		},
	}
	meterFlag(c, &o)
	c.Flags().Int64Var(&o.LitresPerDay, "litres-per-day", 1500, "use on each day")
	return c
}
