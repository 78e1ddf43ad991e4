package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

type cardReissueOptions struct {
	reader, number, id string
	paid, dryRun       bool
	payment            vending.Payment
	req                counter.ReissueRequest
}

func cardReissueCommand(a *app) *cobra.Command {
	var o cardReissueOptions
	c := &cobra.Command{
		Use:   "reissue",
		Short: "Make the blank card in the reader the one that follows a lost, damaged or returned card (RULES C2)",
		Long: `Make the blank card in the reader the one that follows a card that was reported lost
or damaged, or was returned. It carries exactly what was paid; the old card gains
nothing afterwards. A purchase in doubt on the old card is settled on the new one.

The card cost is charged: on account, or paid at once with --paid; --waive, with --why,
is for who may give money back.

After an error, give the same id again, with this card or another blank one.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runCardReissue(c.Context(), a, o) },
	}
	f := c.Flags()
	readerFlag(f, &o.reader)
	a.newCardFlags(f)
	f.Int64Var(&o.req.Customer, "customer", 0, "customer number")
	f.StringVar(&o.req.Meter, "meter", "", "meter number (default: the customer's only one)")
	identityFlags(f, &o.req.Shown, &o.number)
	f.BoolVar(&o.paid, "paid", false, "the card cost is paid at once")
	f.BoolVar(&o.req.Waived, "waive", false, "the card cost is not charged")
	payFlags(f, &o.payment)
	deedFlags(f, &o.id, &o.dryRun)
	return c
}

func runCardReissue(ctx context.Context, a *app, o cardReissueOptions) error {
	o.req.Shown.Tail = vending.TailOf(o.number)
	if o.paid {
		o.req.Payment = &o.payment
	}
	return a.withCounter(ctx, o.reader, func(d *counter.Desk, t counter.Terminal) error {
		_, meters, err := d.Store.Customer(ctx, o.req.Customer)
		if err != nil {
			return err
		}
		if o.req.Meter == "" {
			o.req.Meter = meters[0].No
		}
		deed, err := a.deed(ctx, d.Store, "", o.id, nil)
		if err != nil {
			return err
		}
		if o.dryRun {
			d = d.Rehearsal()
		}
		r, err := d.Reissue(ctx, t, deed, o.req)
		if err != nil {
			return err
		}
		return a.didOne(!r.Repeated, reissuedRecord(deed, r))
	})
}

func reissuedRecord(deed vending.Deed, r counter.Reissued) record {
	out := deedOnCard(deed, r.Card)
	if r.Follows == "" {
		return out // it was begun by an earlier deed, or by this one before
	}
	return append(out,
		field{key: "follows", value: r.Follows},
		field{key: "credit", value: r.Credit.N, text: amount(r.Credit.N, r.Credit.Commodity)},
		field{key: "unit", value: string(r.Credit.Commodity)},
		field{key: "in_doubt", value: r.InDoubt},
		fen("card_cost_fen", r.CostFen), currency)
}
