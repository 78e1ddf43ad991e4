package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type cardFoundOptions struct {
	reader, id string
	dryRun     bool
	shown      vending.Papers
	number     string
	toReplace  bool
}

func cardFoundCommand(a *app) *cobra.Command {
	var o cardFoundOptions
	c := &cobra.Command{
		Use:   "found",
		Short: "Let the lost card in the reader live again, if none has taken its place",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.shown.Tail = vending.TailOf(o.number)
			return runWithCard(c.Context(), a, o, func(ctx context.Context, d *counter.Desk, t counter.Terminal, deed vending.Deed) (vending.Card, bool, error) {
				return d.FoundCard(ctx, t, deed, o.shown)
			})
		},
	}
	readerFlag(c.Flags(), &o.reader)
	identityFlags(c.Flags(), &o.shown, &o.number)
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	return c
}

func cardReturnCommand(a *app) *cobra.Command {
	var o cardFoundOptions
	c := &cobra.Command{
		Use:   "return",
		Short: "Take the card in the reader back: it is dead from this moment",
		Long: `Take the card in the reader back. It must show what the books hold. Credit that the
meter has not taken is refunded first (card refund); with --to-replace it stays in the
books for the card that follows (card reissue), which may be of another type.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return runWithCard(c.Context(), a, o, func(ctx context.Context, d *counter.Desk, t counter.Terminal, deed vending.Deed) (vending.Card, bool, error) {
				return d.ReturnCard(ctx, t, deed, o.toReplace)
			})
		},
	}
	readerFlag(c.Flags(), &o.reader)
	c.Flags().BoolVar(&o.toReplace, "to-replace", false, "another card takes its place, with the credit that is on it")
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	return c
}

// runWithCard does a deed on the card in the reader.
func runWithCard(ctx context.Context, a *app, o cardFoundOptions,
	do func(context.Context, *counter.Desk, counter.Terminal, vending.Deed) (vending.Card, bool, error)) error {
	return a.withCounter(ctx, o.reader, func(d *counter.Desk, t counter.Terminal) error {
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if o.dryRun {
			d = d.Rehearsal()
		}
		card, done, err := do(ctx, d, t, deed)
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, deedOnCard(deed, card))
	})
}
