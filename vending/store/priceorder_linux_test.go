package store_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// moneyAt is a version of a price list for meters that count money.
func moneyAt(from time.Time, fen int64) vending.Tariff {
	t := version(from, fen)
	t.Code, t.Commodity, t.Measures, t.Step = "gas-money", ledger.CNY, ledger.Litre, 1
	return t
}

// counting opens a customer whose meter counts money.
func (d *database) counting(t *testing.T, no int64) string {
	t.Helper()
	meter := vending.Meter{No: "30000000001001", Commodity: ledger.CNY, MaxCredit: 1_000_000}
	_, err := d.AddCustomer(t.Context(), vending.Customer{No: no, Name: "李四", Status: vending.InService, Tariff: "gas-money"}, meter, opening)
	if err != nil {
		t.Fatal(err)
	}
	return meter.No
}

// inBook does something in a customer's book.
func (d *database) inBook(t *testing.T, no int64, do func(*store.Tx) error) error {
	t.Helper()
	return d.ForCustomer(t.Context(), no, vending.Deed{Kind: vending.DeedPriceOrder, By: finance}, do)
}

func (d *database) next(t *testing.T, no int64, meter string) (o vending.PriceOrder, err error) {
	t.Helper()
	err = d.inBook(t, no, func(tx *store.Tx) (err error) { o, _, err = tx.NextOrder(t.Context(), meter); return err })
	return o, err
}

func (d *database) happens(t *testing.T, o vending.PriceOrder, e vending.OrderEvent) error {
	t.Helper()
	return d.inBook(t, o.Customer, func(tx *store.Tx) error { _, err := tx.MoveOrder(t.Context(), o, e); return err })
}

func (d *database) hears(t *testing.T, no int64, meter string, tiers ...vending.Tier) (said vending.Tariff) {
	t.Helper()
	err := d.inBook(t, no, func(tx *store.Tx) (err error) { said, err = tx.HearPrices(t.Context(), meter, tiers); return err })
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// wantCharged holds what the books say that the meter charges against what it should be.
func (d *database) wantCharged(t *testing.T, no int64, meter string, fen int64, states ...vending.OrderState) {
	t.Helper()
	c, err := d.Charged(t.Context(), no, meter)
	if err != nil || fen == 0 && len(c.Version.Tiers) > 0 || fen > 0 && (len(c.Version.Tiers) != 1 || c.Version.Tiers[0].PriceFen != fen) {
		t.Errorf("it charges %+v, %v, not %d", c, err, fen)
	}
	orders, err := d.PriceOrders(t.Context(), no, meter)
	var got []vending.OrderState
	for _, o := range orders {
		got = append(got, o.State)
	}
	if err != nil || !slices.Equal(got, states) {
		t.Errorf("orders %v, %v, not %v", got, err, states)
	}
}

// A price counts from what the meter says, and what it says is told from what it was sent.
func TestPriceTravels(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	meter := d.counting(t, 1001)
	d.price(t, moneyAt(midnight(2026, 4, 1), 280))

	first, err := d.next(t, 1001, meter)
	if again, err2 := d.next(t, 1001, meter); err != nil || err2 != nil || again.State != first.State || !again.From.Equal(first.From) || first.State != vending.OrderScheduled {
		t.Fatalf("%+v, %v; again %+v, %v", first, err, again, err2)
	}
	d.wantCharged(t, 1001, meter, 0, vending.OrderScheduled)
	wantErr(t, d.happens(t, first, vending.OrderUnheard), vending.ErrOrderEvent)
	for _, e := range []vending.OrderEvent{vending.OrderGoesOut, vending.OrderUnheard, vending.OrderGoesOut} {
		if err := d.happens(t, first, e); err != nil {
			t.Fatal(e, err)
		}
	}
	d.wantCharged(t, 1001, meter, 0, vending.OrderSent)
	if said := d.hears(t, 1001, meter, vending.Tier{PriceFen: 199}); said.Code != "" { // what was sent is not in it
		t.Errorf("prices of nobody: %+v", said)
	}
	d.wantCharged(t, 1001, meter, 0, vending.OrderScheduled)
	if said := d.hears(t, 1001, meter, vending.Tier{PriceFen: 280}); said.Code != "" { // nobody ordered it yet, and it is not in force
		t.Errorf("a price of next month: %+v", said)
	}
	d.hears(t, 1001, meter, vending.Tier{PriceFen: 263}) // set by hand
	d.wantCharged(t, 1001, meter, 263, vending.OrderConfirmed)
	_, err = d.next(t, 1001, meter)
	wantErr(t, err, vending.ErrNoPriceOrder)

	d.at(t, midnight(2026, 4, 1))
	april := vending.PriceChange{Tariff: "gas-money", From: midnight(2026, 4, 1), Policy: vending.PolicyKeep}
	effect := func(deed *vending.Deed) store.PriceEffect { return d.effects(t, april, deed)[0] }
	if e := effect(nil); e.Result != store.EffectOrdered || e.Order != "" || e.Fen != 0 || e.Units != 0 {
		t.Errorf("previewed: %+v", e)
	}
	deed := changing(uuid.New())
	if e := effect(&deed); e.Result != store.EffectOrdered || e.Order != vending.OrderScheduled {
		t.Errorf("applied: %+v", e)
	}
	d.wantCharged(t, 1001, meter, 263, vending.OrderConfirmed, vending.OrderScheduled)
	second, err := d.next(t, 1001, meter)
	if err != nil || d.happens(t, second, vending.OrderGoesOut) != nil {
		t.Fatal(second, err)
	}
	d.hears(t, 1001, meter, vending.Tier{PriceFen: 263}) // it did not take it
	d.wantCharged(t, 1001, meter, 263, vending.OrderConfirmed, vending.OrderScheduled)
	d.at(t, midnight(2026, 4, 2))
	d.hears(t, 1001, meter, vending.Tier{PriceFen: 280})
	d.wantCharged(t, 1001, meter, 280, vending.OrderConfirmed, vending.OrderConfirmed)
	if e := effect(nil); e.Result != store.EffectBefore || e.Order != vending.OrderConfirmed {
		t.Errorf("confirmed: %+v", e)
	}
	d.at(t, midnight(2026, 4, 3))
	d.hears(t, 1001, meter, vending.Tier{PriceFen: 263}) // somebody has reset it
	d.wantCharged(t, 1001, meter, 263, vending.OrderConfirmed, vending.OrderScheduled)
	if e := effect(nil); e.Result != store.EffectOrdered {
		t.Errorf("reset: %+v", e)
	}
}

// A price that was not sent makes room for the next; a meter that counts volume is told none.
func TestPriceIsReplaced(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.at(t, noon)
	d.price(t, moneyAt(midnight(2000, 1, 1), 263))
	d.price(t, moneyAt(midnight(2026, 4, 1), 280))
	meter := d.counting(t, 1001)
	if _, err := d.next(t, 1001, meter); err != nil {
		t.Fatal(err)
	}
	d.at(t, midnight(2026, 4, 1))
	o, err := d.next(t, 1001, meter)
	if err != nil || !o.From.Equal(midnight(2026, 4, 1)) {
		t.Errorf("%+v, %v", o, err)
	}
	d.wantCharged(t, 1001, meter, 0, vending.OrderWithdrawn, vending.OrderScheduled)
	h := d.household(t, 1002)
	_, err = d.next(t, 1002, h.meter.No)
	wantErr(t, err, vending.ErrNotMoneyMeter)
	wantErr(t, d.happens(t, vending.PriceOrder{Customer: 1002, Meter: h.meter.No, Tariff: "gas-money", From: o.From}, vending.OrderGoesOut), vending.ErrNoPriceOrder)
}
