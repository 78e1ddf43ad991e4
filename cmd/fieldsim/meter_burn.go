package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func meterBurnCommand(a *app) *cobra.Command {
	var o order
	c := &cobra.Command{
		Use:   "burn LITRES",
		Short: "Let gas flow through a meter until the credit is gone",
		Args:  oneNumber,
		RunE: func(c *cobra.Command, args []string) error {
			o.Litres = number(args[0])
			return runMeter(c.Context(), a, "meter/burn", o)
		},
	}
	meterFlag(c, &o)
	return c
}

// runMeter does something to a meter and shows its display then.
func runMeter(ctx context.Context, a *app, name string, o order) error {
	did, err := a.tell(ctx, name, o)
	if err != nil {
		return err
	}
	m, err := meterIn(did.Field, o.Meter)
	if err != nil {
		return err
	}
	if a.output == "json" {
		return a.printJSON(m)
	}
	if did.Burnt > 0 {
		fmt.Fprintf(a.out, "%s flowed\n", cubic(did.Burnt))
	}
	showMeter(a.out, m, did.Field.Line)
	return nil
}
