package vending_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
)

func midnight(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, vending.Zone)
}

// from is the one-price tariff from a day on.
func from(at time.Time, fen int64) vending.Tariff {
	t := flat(fen, 10)
	t.From = at
	return t
}

func TestVersionsAreOnlyAddedTo(t *testing.T) {
	t.Parallel()
	now := midnight(2026, 3, 10).Add(13 * time.Hour)
	v, err := vending.Versions{}.Add(from(midnight(2000, 1, 1), 263), now, vending.PriceNotice)
	if err != nil {
		t.Fatal("the first may be in force already:", err)
	}
	if v, err = v.Add(from(midnight(2026, 4, 1), 280), now, vending.PriceNotice); err != nil {
		t.Fatal(err)
	}
	heat, shop, step, north, shopless := from(midnight(2026, 5, 1), 300), from(midnight(2026, 5, 1), 300), from(midnight(2026, 5, 1), 300),
		from(midnight(2026, 5, 1), 300), from(midnight(2026, 5, 1), 300)
	heat.Commodity, shop.Class, step.Step, north.Region, shopless.Code = "Wh", vending.Commercial, 100, "北区", "other"
	morning := from(midnight(2026, 5, 1).Add(time.Second), 300)
	for name, c := range map[string]struct {
		next vending.Tariff
		now  time.Time
		want error
	}{
		"same day":        {from(midnight(2026, 4, 1), 290), now, vending.ErrTariffEarly},
		"before the last": {from(midnight(2026, 3, 20), 290), now, vending.ErrTariffEarly},
		"past":            {from(midnight(2026, 4, 2), 290), midnight(2026, 4, 3), vending.ErrTariffEarly},
		"at midnight":     {from(midnight(2026, 4, 2), 290), midnight(2026, 4, 2), vending.ErrTariffEarly},
		"too short":       {from(midnight(2026, 4, 2), 290), midnight(2026, 4, 2).Add(-vending.PriceNotice + 1), vending.ErrTariffEarly},
		"in time":         {from(midnight(2026, 4, 2), 290), midnight(2026, 4, 2).Add(-vending.PriceNotice), nil},
		"other commodity": {heat, now, vending.ErrTariffUnlike},
		"other class":     {shop, now, vending.ErrTariffUnlike},
		"other step":      {step, now, vending.ErrTariffUnlike},
		"other region":    {north, now, vending.ErrTariffUnlike},
		"other code":      {shopless, now, vending.ErrTariffUnlike},
		"in the morning":  {morning, now, vending.ErrTariffInvalid},
		"no price":        {from(midnight(2026, 5, 1), 0), now, vending.ErrTariffInvalid},
	} {
		got, err := v.Add(c.next, c.now, vending.PriceNotice)
		if !errors.Is(err, c.want) || len(v) != 2 || (err == nil) != (len(got) == 3) {
			t.Errorf("%s: %d versions, %v, want %v", name, len(got), err, c.want)
		}
	}
}

// One instant decides: the last nanosecond of a day has its price, midnight the next one.
func TestMidnightOfAPriceChange(t *testing.T) {
	t.Parallel()
	v := vending.Versions{from(midnight(2000, 1, 1), 263), from(midnight(2026, 4, 1), 280)}
	for at, want := range map[time.Time]int64{
		midnight(2000, 1, 1):          263,
		midnight(2026, 4, 1).Add(-1):  263,
		midnight(2026, 4, 1):          280,
		midnight(2026, 4, 1).UTC():    280,
		midnight(2026, 4, 1).Add(1):   280,
		midnight(2026, 4, 30):         280,
		midnight(2026, 3, 31).UTC():   263,
		midnight(2026, 4, 1).Add(-30): 263,
	} {
		if got, err := v.InForce(at); err != nil || got.Tiers[0].PriceFen != want {
			t.Errorf("%s: %v, %v, want %d", at, got.Tiers, err, want)
		}
	}
	if _, err := v.InForce(midnight(2000, 1, 1).Add(-1)); !errors.Is(err, vending.ErrNotInForce) {
		t.Error(err)
	}
	if _, err := (vending.Versions{}).InForce(midnight(2026, 1, 1)); !errors.Is(err, vending.ErrNotInForce) {
		t.Error(err)
	}
}

func TestRiseIsNear(t *testing.T) {
	t.Parallel()
	now := from(midnight(2025, 1, 1), 263)
	now.Limits.Hoarding = vending.Hoarding{Days: 30, Units: 100_000, Percent: 200}
	dearer, cheaper, tiered := from(midnight(2026, 4, 1), 280), from(midnight(2026, 4, 1), 250), from(midnight(2026, 4, 1), 263)
	tiered.Tiers = []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {PriceFen: 300}}
	since := midnight(2026, 3, 2)
	for name, c := range map[string]struct {
		next vending.Tariff
		at   time.Time
		near bool
	}{
		"before the days":    {dearer, since.Add(-1), false},
		"on the first day":   {dearer, since, true},
		"the last instant":   {dearer, midnight(2026, 4, 1).Add(-1), true},
		"it has risen":       {dearer, midnight(2026, 4, 1), false},
		"it falls":           {cheaper, since, false},
		"an upper tier does": {tiered, since, true},
	} {
		from, rises, near := vending.Versions{now, c.next}.Rise(c.at)
		if near != c.near || near && (!from.Equal(since) || !rises.Equal(c.next.From)) {
			t.Errorf("%s: %v from %s for %s", name, near, from, rises)
		}
	}
	now.From = midnight(2026, 3, 1)
	if _, rises, near := (vending.Versions{from(midnight(2026, 2, 1), 280), now}).Rise(since); near {
		t.Errorf("it fell, and rises on %s", rises)
	}
	now.Limits.Hoarding = vending.Hoarding{}
	if _, _, near := (vending.Versions{now, dearer}).Rise(since); near {
		t.Error("no limit, but near")
	}
}

func TestTierYear(t *testing.T) {
	t.Parallel()
	heating := gas
	heating.YearStart = vending.MonthDay{Month: 11, Day: 15}
	for _, c := range []struct {
		tariff       vending.Tariff
		at, from, to time.Time
	}{
		{gas, midnight(2026, 1, 1), midnight(2026, 1, 1), midnight(2027, 1, 1)},
		{gas, midnight(2026, 12, 31).Add(24*time.Hour - 1), midnight(2026, 1, 1), midnight(2027, 1, 1)},
		{gas, time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC), midnight(2026, 1, 1), midnight(2027, 1, 1)}, // midnight in Zone
		{gas, time.Date(2025, 12, 31, 15, 59, 59, 0, time.UTC), midnight(2025, 1, 1), midnight(2026, 1, 1)},
		{heating, midnight(2026, 11, 15), midnight(2026, 11, 15), midnight(2027, 11, 15)},
		{heating, midnight(2026, 11, 15).Add(-1), midnight(2025, 11, 15), midnight(2026, 11, 15)},
		{heating, midnight(2026, 2, 1), midnight(2025, 11, 15), midnight(2026, 11, 15)},
	} {
		if from, to := c.tariff.TierYear(c.at); !from.Equal(c.from) || !to.Equal(c.to) {
			t.Errorf("%s: %s to %s", c.at, from, to)
		}
	}
}

func TestMonthDay(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "02-29", "02-30", "13-01", "00-01", "11-31", "1115", "11-15-1", " 11-15", "1-1"} {
		if d, err := vending.ParseMonthDay(bad); err == nil {
			t.Errorf("%q is %v", bad, d)
		}
	}
	for _, good := range []string{"01-01", "02-28", "11-15", "12-31"} {
		if d, err := vending.ParseMonthDay(good); err != nil || d.String() != good {
			t.Errorf("%q is %v, %v", good, d, err)
		}
	}
	if s := (vending.MonthDay{}).String(); s != "01-01" {
		t.Error(s)
	}
}

func TestUsedCounts(t *testing.T) {
	t.Parallel()
	c := vending.UnitCount{Bought: 500, Consumed: 300, Outstanding: 250}
	consumed := gas
	consumed.Counted = vending.OnConsumption
	if got := gas.Used(c); got != 500 {
		t.Errorf("on purchases %d", got)
	}
	if got := consumed.Used(c); got != 550 {
		t.Errorf("on consumption %d: what is outstanding is burnt before what is bought now", got)
	}
	if got := consumed.Used(vending.UnitCount{Bought: 5, Consumed: 300, Outstanding: -20}); got != 300 {
		t.Errorf("a meter that burnt more than it took: %d", got)
	}
}

func TestMonthsLeft(t *testing.T) {
	t.Parallel()
	shared, heating := gas, gas
	shared.ProRata, heating.ProRata, heating.YearStart = true, true, vending.MonthDay{Month: 11, Day: 15}
	at := midnight(2026, 12, 1)
	for _, c := range []struct {
		tariff vending.Tariff
		since  time.Time
		want   int
	}{
		{gas, midnight(2026, 9, 1), 0},
		{shared, midnight(2025, 9, 1), 0},
		{shared, midnight(2026, 1, 1), 0},
		{shared, midnight(2026, 1, 1).Add(1), 12},
		{shared, midnight(2026, 8, 31), 5},
		{shared, midnight(2026, 9, 1), 4},
		{shared, midnight(2026, 9, 30), 4},
		{shared, midnight(2026, 12, 31), 1},
		{heating, midnight(2026, 11, 15), 0},
		{heating, midnight(2026, 11, 16), 12},
	} {
		if got := c.tariff.Months(c.since, at); got != c.want {
			t.Errorf("since %s: %d, want %d", c.since, got, c.want)
		}
	}
}
