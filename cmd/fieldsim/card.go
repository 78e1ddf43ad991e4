package main

import (
	"context"

	"github.com/spf13/cobra"
)

func readerFlag(c *cobra.Command, o *order) {
	c.Flags().IntVar(&o.Reader, "reader", 1, "number of the reader")
}

func cardFlag(c *cobra.Command, o *order, standard int) {
	c.Flags().IntVar(&o.Card, "card", standard, "number of the card")
}

func meterFlag(c *cobra.Command, o *order) {
	c.Flags().StringVar(&o.Meter, "meter", "", "meter number (default: the first)")
}

// runCard does something to a card and shows where the cards are then.
func runCard(ctx context.Context, a *app, name string, o order) error {
	did, err := a.tell(ctx, name, o)
	if err != nil {
		return err
	}
	if a.output == "json" {
		return a.printJSON(did.Field)
	}
	showReaders(a.out, did.Field)
	return nil
}
