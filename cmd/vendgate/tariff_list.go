package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func tariffListCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every version of every price list",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return runTariffList(c.Context(), a) },
	}
}

func runTariffList(ctx context.Context, a *app) error {
	return a.withStore(ctx, func(s *store.Store) error {
		list, err := s.Tariffs(ctx)
		if err != nil {
			return err
		}
		var rs []record
		for _, t := range list {
			rs = append(rs, tariffRecord(t))
		}
		return a.printList(rs)
	})
}

func tariffRecord(t vending.Tariff) record {
	return record{
		{key: "code", value: t.Code},
		{key: "class", value: string(t.Class)},
		{key: "region", value: t.Region},
		{key: "from", value: vending.DateOf(t.From).String()},
		{key: "unit", value: string(t.Commodity)},
		{key: "step", value: t.Step},
		{key: "tiers", value: tiersText(t.Tiers)},

		{key: "year_start", value: t.YearStart.String()},
		{key: "counted", value: string(t.Counted)},
		{key: "vat_bp", value: t.VATBp},
		{key: "measures", value: string(t.Measures)},
		{key: "fixed", value: fixedText(t.Fixed)},
	}
}

// fixedText is "basic 600.00 a season 11-15..03-15; meter 5.00 a month".
func fixedText(fixed []vending.FixedCharge) string {
	parts := make([]string, len(fixed))
	for i, c := range fixed {
		parts[i] = fmt.Sprintf("%s %s a %s", c.Code, vending.FormatYuan(c.Fen), c.Every)
		if c.Every == vending.EverySeason || c.Start != c.End {
			parts[i] += fmt.Sprintf(" %s..%s", c.Start, c.End)
		}
	}
	return strings.Join(parts, "; ")
}

// tiersText is "2.63 up to 350.000, 3.16 above".
func tiersText(tiers []vending.Tier) string {
	var parts []string
	for _, tier := range tiers {
		price := vending.FormatYuan(tier.PriceFen)
		switch {
		case tier.UpTo > 0:
			parts = append(parts, fmt.Sprintf("%s ≤ %s", price, vending.FormatThousandths(tier.UpTo)))
		default:
			parts = append(parts, price)
		}
	}
	return strings.Join(parts, "; ")
}
