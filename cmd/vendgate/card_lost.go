package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type cardReportOptions struct {
	req    counter.CardReport
	number string
	id     string
	dryRun bool
}

func cardLostCommand(a *app) *cobra.Command {
	return cardReportCommand(a, false, "lost CARD", "Report a card lost: it is dead from this moment (RULES C2)")
}

func cardDamagedCommand(a *app) *cobra.Command {
	return cardReportCommand(a, true, "damaged CARD", "Report a card damaged, that cannot be read any more: it is dead from this moment")
}

func cardReportCommand(a *app, damaged bool, use, short string) *cobra.Command {
	o := cardReportOptions{req: counter.CardReport{Damaged: damaged}}
	c := &cobra.Command{
		Use: use, Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("give one card number, as customer show lists them")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			o.req.Card = args[0]
			return runCardReport(c.Context(), a, o)
		},
	}
	identityFlags(c.Flags(), &o.req.Shown, &o.number)
	deedFlags(c.Flags(), &o.id, &o.dryRun)
	return c
}

// identityFlags are the papers that somebody shows, to be held against those on file.
func identityFlags(f *pflag.FlagSet, p *vending.Papers, number *string) {
	f.StringVar(&p.Kind, "papers", "", "kind of the identity papers that are shown, as id_card")
	f.StringVar(number, "papers-no", "", "their number; its last characters must be those on file")
}

func runCardReport(ctx context.Context, a *app, o cardReportOptions) error {
	o.req.Shown.Tail = vending.TailOf(o.number)
	return a.withDeed(ctx, o.id, func(d *counter.Desk, deed vending.Deed) error {
		if o.dryRun {
			d = d.Rehearsal()
		}
		card, done, err := d.ReportCard(ctx, deed, o.req)
		if err != nil {
			return err
		}
		return a.didOne(done || o.dryRun, deedOnCard(deed, card))
	})
}

// deedOnCard is a card after a deed of its life.
func deedOnCard(deed vending.Deed, card vending.Card) record {
	return append(record{{key: "id", value: deed.ID.String()}}, cardRecord(card)...)
}

func cardRecord(card vending.Card) record {
	return record{
		{key: "card", value: card.No},
		{key: "customer", value: card.Customer},
		{key: "meter", value: card.Meter},
		{key: "state", value: string(card.State)},
	}
}
