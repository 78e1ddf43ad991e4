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

type tariffQuoteOptions struct {
	code, at, amount, volume, used string
	usage                          vending.Usage
}

func tariffQuoteCommand(a *app) *cobra.Command {
	var o tariffQuoteOptions
	c := &cobra.Command{
		Use:   "quote CODE",
		Short: "Say what money buys, or what a volume costs, line by line",
		Args:  oneFile,
		RunE: func(c *cobra.Command, args []string) error {
			o.code = args[0]
			return runTariffQuote(c.Context(), a, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.amount, "amount", "", "money in yuan, as 200 or 200.00")
	f.StringVar(&o.volume, "volume", "", "m³ or kWh, as 35.12; of a meter that counts money say --amount")
	f.StringVar(&o.used, "used", "0", "m³ or kWh that count in this tier year")
	f.IntVar(&o.usage.Persons, "persons", 0, "of the household")
	f.IntVar(&o.usage.Months, "months", 0, "of the tier year in which the customer is supplied (0: all)")
	f.StringVar(&o.at, "at", "", "instant of the purchase, as 2026-04-01 (its midnight) or 2026-04-01T09:00:00+08:00 (default: now)")
	return c
}

func (o tariffQuoteOptions) quote(t vending.Tariff) (vending.Quote, error) {
	if o.amount != "" {
		fen, err := vending.ParseYuan(o.amount)
		if err != nil {
			return vending.Quote{}, err
		}
		return t.Quote(fen, o.usage)
	}
	units, err := vending.ParseThousandths(o.volume)
	if err != nil {
		return vending.Quote{}, err
	}
	if t.CountsMoney() {
		return vending.Quote{}, vending.ErrCountsMoney.With("Tariff", t.Code)
	}
	return t.QuoteCredit(units, o.usage)
}

func runTariffQuote(ctx context.Context, a *app, o tariffQuoteOptions) error {
	if (o.amount == "") == (o.volume == "") {
		return usageError{errors.New("name either money or volume: --amount or --volume")}
	}
	at, err := instant(o.at)
	if err != nil {
		return err
	}
	if o.usage.Used, err = vending.ParseThousandths(o.used); err != nil {
		return err
	}
	return a.withStore(ctx, func(s *store.Store) error {
		t, err := s.TariffAt(ctx, o.code, at)
		if err != nil {
			return err
		}
		q, err := o.quote(t)
		if err != nil {
			return err
		}
		if err := a.printList(quoteRecords(t, q, o.usage)); err != nil {
			return err
		}
		fmt.Fprintln(a.errs, a.words().Text("quote_rounding"))
		return nil
	})
}

// quoteRecords are a quote's lines, its sum, and what stays on the customer's account. Of a
// meter that counts money, the lines are the prices that it applies.
func quoteRecords(t vending.Tariff, q vending.Quote, u vending.Usage) []record {
	row := func(line string, units, price, fen int64) record {
		return record{
			{key: "line", value: line},
			{key: "credit", value: units, text: amount(units, t.Commodity)},
			{key: "unit", value: string(t.Commodity)},
			{key: "price_fen", value: price, text: vending.FormatYuan(price)},
			{key: "cost_fen", value: fen, text: vending.FormatYuan(fen)},
			{key: "currency", value: string(ledger.CNY)},
		}
	}
	var rs []record
	for _, l := range t.Lines(q.Credit.N, u) {
		rs = append(rs, row(fmt.Sprintf("tier %d", l.Tier), l.Units, l.PriceFen, l.Fen))
	}
	if t.CountsMoney() {
		for i := range t.Tiers {
			rs = append(rs, row("at the meter "+tiersText(t.Tiers[i:i+1]), 0, t.Tiers[i].PriceFen, 0))
		}
	}
	return append(rs, row("total", q.Credit.N, 0, q.Cost), row("change", 0, 0, q.Change))
}
