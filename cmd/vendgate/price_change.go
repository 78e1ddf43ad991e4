package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

type priceChangeOptions struct {
	preview, apply           bool
	tariff, from, policy, id string
}

func priceChangeCommand(a *app) *cobra.Command {
	var o priceChangeOptions
	c := &cobra.Command{
		Use:   "price-change --preview|--apply --tariff CODE",
		Short: "Say, or do, what a change of the price means to credit that was sold before",
		Long: `Say, or do, what a change of the price means to credit that was sold before, meter by meter.

The policy keep leaves the credit at the price it was sold at. The policy trueup
brings what is not consumed, by the meter's last report, to the new price: of a
rise the customer owes the difference, of a fall it is given back. Differences are
rounded toward zero, to whole fen. A meter that counts money is sent the price, by
card or wire, and charges the old one until it confirms: "ordered" are those that have
not, and order is how far it has come.

--apply needs --approve, and the new price in force. Run again, it does only what is
left, as customers whose purchase was in doubt (exit 5 while there are any).`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runPriceChange(c.Context(), a, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.preview, "preview", false, "say what it would mean; change nothing")
	f.BoolVar(&o.apply, "apply", false, "do it")
	f.StringVar(&o.tariff, "tariff", "", "code of the price list")
	f.StringVar(&o.from, "from", "", "day from which the new price counts (default: that of the last version)")
	f.StringVar(&o.policy, "policy", string(vending.PolicyKeep), "keep or trueup")
	f.StringVar(&o.id, "id", "", "UUID of this change (default: a new one, which is printed)")
	return c
}

// change is what is asked for; the version is the last one where none is named.
func (o priceChangeOptions) change(ctx context.Context, s *store.Store) (vending.PriceChange, error) {
	c := vending.PriceChange{Tariff: o.tariff}
	var err error
	if c.Policy, err = vending.ParsePolicy(o.policy); err != nil {
		return c, err
	}
	if o.from != "" {
		c.From, err = instant(o.from)
		return c, err
	}
	versions, err := s.Versions(ctx, o.tariff)
	if err == nil {
		c.From = versions[len(versions)-1].From
	}
	return c, err
}

func runPriceChange(ctx context.Context, a *app, o priceChangeOptions) error {
	if o.preview == o.apply {
		return usageError{errors.New("say either --preview or --apply")}
	}
	return a.withStore(ctx, func(s *store.Store) error {
		c, err := o.change(ctx, s)
		if err != nil {
			return err
		}
		sum := effectSum{progress: a.progress}
		if o.preview {
			if err := s.PreviewChange(ctx, c, sum.add); err != nil {
				return err
			}
			return sum.told(a)
		}
		deed, err := a.deed(ctx, s, "", o.id, nil)
		if err != nil {
			return err
		}
		if err := s.ApplyChange(ctx, deed, c, sum.add); err != nil {
			return err
		}
		return sum.told(a)
	})
}

// effectSum gathers the effects of a change.
type effectSum struct {
	rows          []record
	owed, back    int64
	doubt, failed int
	progress      func(done int)
}

func (s *effectSum) add(e store.PriceEffect) error {
	s.rows = append(s.rows, record{
		{key: "customer", value: e.Customer},
		{key: "meter", value: e.Meter},
		{key: "result", value: string(e.Result)},
		{key: "units", value: e.Units, text: vending.FormatThousandths(e.Units)},
		{key: "difference_fen", value: e.Fen, text: vending.FormatYuan(e.Fen)},
		{key: "currency", value: string(ledger.CNY)},
		{key: "as_of", value: e.AsOf},
		{key: "order", value: string(e.Order)},
	})
	s.progress(len(s.rows))
	switch e.Result {
	case store.EffectDoubt:
		s.doubt++
	case store.EffectRefused:
		s.failed++
	default:
		s.owed, s.back = s.owed+max(e.Fen, 0), s.back+max(-e.Fen, 0)
	}
	return nil
}

// told prints the effects, and says what they come to, in the exit code too.
func (s *effectSum) told(a *app) error {
	if err := a.printList(s.rows); err != nil {
		return err
	}
	fmt.Fprintln(a.errs, a.words().Text("price_change_sum", "Meters", len(s.rows), "Owed", vending.FormatYuan(s.owed), "Back", vending.FormatYuan(s.back)))
	switch {
	case s.doubt > 0:
		return &remark{exitInDoubt, a.words().Text("doubts_remain", "Count", s.doubt)}
	case s.failed > 0:
		return &remark{exitDifferences, a.words().Text("price_change_refused", "Count", s.failed)}
	}
	return nil
}
