package vending_test

import (
	"errors"
	"math"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	tariff := gas
	tariff.Limits = vending.Limits{PurchaseFen: 30_000, PurchaseUnits: 200_000, MonthFen: 50_000, MonthUnits: 300_000,
		Hoarding: vending.Hoarding{Days: 30, Units: 60_000, Percent: 200}}
	for name, c := range map[string]struct {
		cost, units int64
		bought      vending.Bought
		want        vending.Limit
	}{
		"at the limits":        {30_000, 200_000, vending.Bought{MonthFen: 20_000, MonthUnits: 100_000}, ""},
		"one fen more":         {30_001, 1, vending.Bought{}, vending.LimitPurchaseFen},
		"a unit more":          {1, 200_001, vending.Bought{}, vending.LimitPurchaseUnits},
		"month's money":        {30_000, 1, vending.Bought{MonthFen: 20_001}, vending.LimitMonthFen},
		"month's volume":       {1, 200_000, vending.Bought{MonthUnits: 100_001}, vending.LimitMonthUnits},
		"no rise":              {1, 60_001, vending.Bought{NearUnits: 60_000}, ""},
		"a rise is near":       {1, 60_001, vending.Bought{Rising: true}, vending.LimitHoarding},
		"in parts":             {1, 1, vending.Bought{Rising: true, NearUnits: 60_000}, vending.LimitHoarding},
		"who buys much":        {1, 80_000, vending.Bought{Rising: true, Average: 40_000}, ""},
		"who buys too much":    {1, 80_001, vending.Bought{Rising: true, Average: 40_000}, vending.LimitHoarding},
		"an average of a city": {1, 1, vending.Bought{Rising: true, Average: math.MaxInt64}, ""},
		"no average":           {1, 60_000, vending.Bought{Rising: true, Average: math.MinInt64}, ""},
	} {
		q := vending.Quote{Money: c.cost + 1, Cost: c.cost, Change: 1, Credit: ledger.Amount{N: c.units, Commodity: ledger.Litre}}
		err := tariff.Allow(q, c.bought)
		var told *vending.Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.As(err, &told) || !errors.Is(err, vending.ErrLimit) || told.Args["Limit"] != c.want):
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if err := gas.Allow(q, c.bought); err != nil {
			t.Errorf("%s: without limits %v", name, err)
		}
	}
}
