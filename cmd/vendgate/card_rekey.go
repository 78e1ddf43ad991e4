package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

func cardRekeyCommand(a *app) *cobra.Command {
	var readerName string
	c := &cobra.Command{
		Use:   "rekey",
		Short: "Key the card in the reader anew, with the version that the company's cards are brought to (RULES C3)",
		Long: `Key the card in the reader anew, with the version that the company's cards are brought to (RULES C3).

Where the setting card_key_version names a later version than the card has, vendgate serve does
it when the card is put in, and vendgate topup after the sale: nobody has to ask for it. Set it
once the meters know keys of that version: they would refuse the card. CPU cards and AT24C are
keyed anew; cards on other chips have new keys when they are reissued. Cut anywhere, the card is
completed when it is presented next; until then its meter refuses it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCardRekey(c.Context(), a, readerName) },
	}
	readerFlag(c.Flags(), &readerName)
	return c
}

func runCardRekey(ctx context.Context, a *app, readerName string) error {
	return a.withCounter(ctx, readerName, func(d *counter.Desk, t counter.Terminal) error {
		done, err := d.Rekey(ctx, t)
		if err != nil {
			return err
		}
		if done.Card == "" {
			return vending.ErrRekeyOff
		}
		return a.didOne(done.Done(), record{{key: "card", value: done.Card}, {key: "was", value: done.Was}, {key: "now", value: done.Now}})
	})
}

// rekey keys the card anew after a sale has ended, where that is wanted. What comes of it is told, and does not change how
// the sale ended.
func (a *app) rekey(ctx context.Context, d *counter.Desk, t counter.Terminal) {
	done, err := d.Rekey(ctx, t)
	switch {
	case err != nil && !counter.KeepsKeys(err):
		fmt.Fprintln(a.errs, a.words().Error(err))
	case done.Done():
		fmt.Fprintln(a.errs, a.words().Text("card_rekeyed", "Card", done.Card, "Was", done.Was, "Now", done.Now))
	}
}
