package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

var (
	finance = vending.Actor{Staff: "finance", Role: vending.RoleFinance, From: "test"}
	manager = vending.Actor{Staff: "manager", Role: vending.RoleManager, From: "test"}
)

func midnight(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, vending.Zone)
}

// at sets the database's clock.
func (d *database) at(t testing.TB, now time.Time) {
	t.Helper()
	d.by(t, fmt.Sprintf(`create or replace function ledger_now() returns timestamptz language sql stable as 'select timestamptz ''%s'''`,
		now.Format(time.RFC3339Nano)))
}

// version is the gas price from a day on.
func version(from time.Time, fen int64) vending.Tariff {
	return vending.Tariff{Code: gas.Code, Class: vending.Residential, From: from, Commodity: ledger.Litre, Step: 10,
		Tiers: []vending.Tier{{PriceFen: fen}}, YearStart: vending.MonthDay{Month: 1, Day: 1}, Counted: vending.OnPurchases, VATBp: 900}
}

func priced(by vending.Actor, t vending.Tariff) vending.Deed {
	return vending.Deed{ID: uuid.New(), Kind: "tariff added", By: by, Request: t}
}

func (d *database) price(t testing.TB, version vending.Tariff) {
	t.Helper()
	if err := d.AddTariff(t.Context(), priced(finance, version), version); err != nil {
		t.Fatal(err)
	}
}

func TestTariffsAreOnlyAddedTo(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, midnight(2026, 3, 31).Add(22*time.Hour))
	april := version(midnight(2026, 4, 1), 280)
	deed := priced(finance, april)
	if err := d.AddTariff(t.Context(), deed, april); err != nil {
		t.Fatal(err)
	}
	wantErr(t, d.AddTariff(t.Context(), deed, april), vending.ErrRepeated)
	deed.Request = version(midnight(2026, 5, 1), 290)
	wantErr(t, d.AddTariff(t.Context(), deed, version(midnight(2026, 5, 1), 290)), vending.ErrDeedReused)
	heat := version(midnight(2026, 5, 1), 300)
	heat.Commodity = ledger.WattHour
	for name, c := range map[string]struct {
		by      vending.Actor
		version vending.Tariff
		want    error
	}{
		"a cashier":       {clerk, version(midnight(2026, 5, 1), 290), vending.ErrNotPermitted},
		"the same day":    {finance, version(midnight(2026, 4, 1), 290), vending.ErrTariffEarly},
		"before the last": {finance, version(midnight(2026, 3, 1), 290), vending.ErrTariffEarly},
		"other commodity": {finance, heat, vending.ErrTariffUnlike},
		"not a price":     {finance, version(midnight(2026, 5, 1), 0), vending.ErrTariffInvalid},
	} {
		if err := d.AddTariff(t.Context(), priced(c.by, c.version), c.version); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	list, err := d.Tariffs(t.Context())
	if err != nil || len(list) != 2 || !reflect.DeepEqual(list[1], april) || !reflect.DeepEqual(list[0], version(midnight(2000, 1, 1), 263)) {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, sql := range []string{`update tariff_version set body = '{}'`, `delete from tariff_version`, `truncate tariff_version cascade`} {
		if _, err := d.sql.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is done", sql)
		}
	}
	d.wantClean(t)
}

// The transaction's instant decides which version a sale is of.
func TestTariffAtMidnight(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	change := midnight(2026, 4, 1)
	d.at(t, change.Add(-vending.PriceNotice+time.Second))
	late := version(change, 280)
	wantErr(t, d.AddTariff(t.Context(), priced(finance, late), late), vending.ErrTariffEarly)
	d.at(t, change.Add(-vending.PriceNotice))
	d.price(t, late)
	for at, want := range map[time.Time]int64{change.Add(-time.Microsecond): 263, change: 280, change.Add(time.Microsecond): 280} {
		d.at(t, at)
		h.must(t, func(tx *store.Tx) error {
			if got, err := tx.Tariff(t.Context()); err != nil || got.Tiers[0].PriceFen != want {
				t.Errorf("%s: %+v, %v, want %d", at, got, err, want)
			}
			return nil
		})
		if got, err := d.TariffAt(t.Context(), gas.Code, at); err != nil || got.Tiers[0].PriceFen != want {
			t.Errorf("%s: %+v, %v, want %d", at, got, err, want)
		}
	}
	_, err := d.TariffAt(t.Context(), gas.Code, midnight(1999, 1, 1))
	wantErr(t, err, vending.ErrNotInForce)
	_, err = d.TariffAt(t.Context(), "moon", change)
	wantErr(t, err, vending.ErrNoTariff)
}

func TestPersonsOfAHousehold(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	h.must(t, func(tx *store.Tx) error { return tx.SetPersons(t.Context(), 6) })
	wantErr(t, h.do(t.Context(), func(tx *store.Tx) error { return tx.SetPersons(t.Context(), -1) }), vending.ErrUsageInvalid)
	var persons int
	if err := d.sql.QueryRow(t.Context(), `select persons from customer`).Scan(&persons); err != nil || persons != 6 {
		t.Error(persons, err)
	}
}
