package store_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

var aprilChange = vending.PriceChange{Tariff: gas.Code, From: midnight(2026, 4, 1), Policy: vending.PolicyTrueUp}

func changing(id uuid.UUID) vending.Deed {
	return vending.Deed{ID: id, By: finance, Approved: manager}
}

// effects of a change, without what the clock says.
func (d *database) effects(t testing.TB, c vending.PriceChange, deed *vending.Deed) (out []store.PriceEffect) {
	t.Helper()
	each := func(e store.PriceEffect) error { out = append(out, e); return nil }
	err := error(nil)
	if deed == nil {
		err = d.PreviewChange(t.Context(), c, each)
	} else {
		err = d.ApplyChange(t.Context(), *deed, c, each)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func results(effects []store.PriceEffect) (out []store.PriceResult) {
	for _, e := range effects {
		out = append(out, e.Result)
	}
	return out
}

func (d *database) posted(t testing.TB, no int64, a ledger.Account) int64 {
	t.Helper()
	balances, err := d.Balances(t.Context(), no)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range balances {
		if b.Account == a {
			return b.Posted
		}
	}
	return 0
}

// TestPriceRises, by hand: 1001 bought 2 × 76.04 m³ and burnt 100 m³, so 52.08 m³ are left; at 0.17 more
// that is 8.8536: 8.85 are owed. 1002 has a purchase in doubt. 1003 bought nothing.
func TestPriceRises(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	h, doubtful, empty := d.household(t, 1001), d.household(t, 1002), d.household(t, 1003)
	d.price(t, version(midnight(2026, 4, 1), 280))
	h.sold(t, 1)
	h.take(t, h.report(h.sold(t, 2).Total, 100_000))
	pending := doubtful.sale(1)
	if err := doubtful.add(t.Context(), pending); err != nil {
		t.Fatal(err)
	}
	_ = empty
	preview := d.effects(t, aprilChange, nil)
	if len(preview) != 3 || preview[0].Units != 52_080 || preview[0].Fen != 885 || preview[0].Result != store.EffectPlanned ||
		!preview[0].AsOf.Equal(noon) || preview[1].Result != store.EffectDoubt || preview[2].Fen != 0 {
		t.Fatalf("%+v", preview)
	}
	id := uuid.New()
	deed := changing(id)
	err := d.ApplyChange(t.Context(), deed, aprilChange, func(store.PriceEffect) error { return nil })
	wantErr(t, err, vending.ErrNotInForce)
	d.at(t, midnight(2026, 4, 1))
	done := d.effects(t, aprilChange, &deed)
	if !slices.Equal(results(done), []store.PriceResult{store.EffectDone, store.EffectDoubt, store.EffectDone}) || done[0].Fen != 885 {
		t.Fatalf("%+v", done)
	}
	if owed, prepaid := d.posted(t, 1001, ledger.Debt(1001)), d.posted(t, 1001, ledger.Prepaid(1001)); owed != -885 || prepaid != 2*19999+885 {
		t.Errorf("owed %d, prepaid %d", owed, prepaid)
	}
	var lot [4]int64
	if err := d.sql.QueryRow(t.Context(), `select from_total, to_total, cost_fen, vat_bp from lot`).Scan(&lot[0], &lot[1], &lot[2], &lot[3]); err != nil ||
		lot != [4]int64{100_000, 152_080, 885, 900} {
		t.Errorf("%v, %v", lot, err)
	}
	// Again, by the same id and by another: only who was in doubt is done now, at the price of their purchase.
	doubtful.settle(t, pending, vending.ProvedLoaded, "")
	other := changing(uuid.New())
	for _, deed := range []vending.Deed{deed, other} {
		again := d.effects(t, aprilChange, &deed)
		if again[0].Result != store.EffectBefore || again[0].Fen != 885 || again[1].Fen != 1292 {
			t.Errorf("%+v", again)
		}
	}
	if owed := d.posted(t, 1001, ledger.Debt(1001)) + d.posted(t, 1002, ledger.Debt(1002)); owed != -885-1292 {
		t.Errorf("owed %d", owed)
	}
	d.wantClean(t)
}

// Fallen and risen again: what was trued up stands at its new price, and comes back to where it was.
func TestPriceFallsAndRises(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	h := d.household(t, 1001)
	d.price(t, version(midnight(2026, 4, 1), 250))
	d.price(t, version(midnight(2026, 5, 1), 263))
	h.sold(t, 1)
	d.at(t, midnight(2026, 5, 1))
	may := aprilChange
	may.From = midnight(2026, 5, 1)
	april, back := changing(uuid.New()), changing(uuid.New())
	fallen, risen := d.effects(t, aprilChange, &april), d.effects(t, may, &back)
	if fallen[0].Fen != -988 || risen[0].Fen != 988 { // 76.04 m³ × 0.13 = 9.8852
		t.Errorf("fell %+v, rose %+v", fallen, risen)
	}
	if got := d.posted(t, 1001, ledger.Advance(1001)); got != 1+988 {
		t.Errorf("advance %d", got)
	}
	if got := d.posted(t, 1001, ledger.Prepaid(1001)); got != 19999 {
		t.Errorf("prepaid %d", got)
	}
	d.wantClean(t)
}

func TestPriceChangeIsRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	h := d.household(t, 1001)
	h.sold(t, 1)
	d.price(t, version(midnight(2026, 4, 1), 280))
	d.at(t, midnight(2026, 4, 2))
	nobody := func(e store.PriceEffect) error { t.Errorf("%+v", e); return nil }
	alone, cashier, himself := changing(uuid.New()), changing(uuid.New()), changing(uuid.New())
	alone.Approved, cashier.By, himself.By, himself.Approved = vending.Actor{}, clerk, manager, manager
	wantErr(t, d.ApplyChange(t.Context(), alone, aprilChange, nobody), vending.ErrFourEyes)
	wantErr(t, d.ApplyChange(t.Context(), himself, aprilChange, nobody), vending.ErrFourEyes)
	wantErr(t, d.ApplyChange(t.Context(), cashier, aprilChange, nobody), vending.ErrNotPermitted)
	wrong := aprilChange
	wrong.From = midnight(2026, 4, 2)
	wantErr(t, d.ApplyChange(t.Context(), changing(uuid.New()), wrong, nobody), vending.ErrNoChange)
	wrong.From = midnight(2000, 1, 1) // the first version changes nothing
	wantErr(t, d.PreviewChange(t.Context(), wrong, nobody), vending.ErrNoChange)
	keep := aprilChange
	keep.Policy = vending.PolicyKeep
	deed := changing(uuid.New())
	if kept := d.effects(t, keep, &deed); len(kept) != 1 || kept[0].Result != store.EffectKept || kept[0].Fen != 0 {
		t.Errorf("%+v", kept)
	}
	wantErr(t, d.ApplyChange(t.Context(), changing(uuid.New()), aprilChange, nobody), vending.ErrPolicySet)
	if got := d.posted(t, 1001, ledger.Prepaid(1001)); got != 19999 {
		t.Errorf("prepaid %d", got)
	}
}
