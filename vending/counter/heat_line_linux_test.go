package counter_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

// heatOnLine is a heat meter of CJ/T 188 that takes orders in energy; least fen buy its smallest one, at 26 fen a kWh.
func heatOnLine(c cjt188.Credit, shows metersim.Heats, least int64) spoken {
	d := gateway.Heat()
	d.Credit = c
	d.Timing.Idle, d.Timing.Answer, d.Timing.Retries = time.Millisecond, 30*time.Millisecond, 1
	return spoken{"cjt188-heat", metersim.CJT188Line{}, ledger.WattHour, "heat-residential",
		func(m *metersim.Meter, _ string) metersim.Slave {
			return &metersim.CJT188{Type: 0x25, Meter: m, Heat: shows}
		}, d, least}
}

// heatInGJ is one whose last digit is no whole number of watt-hours: 9 of it are 25 kWh.
func heatInGJ() spoken { return heatOnLine(cjt188.CreditEnergyGJ, metersim.Heats{GJ: true}, 650) }

// hotMeters are the ways in which a heat meter may mean the amount of an order.
func hotMeters() map[string]spoken {
	return map[string]spoken{
		"10 Wh":  heatOnLine(cjt188.CreditEnergy10Wh, metersim.Heats{}, 1),
		"kWh":    heatOnLine(cjt188.CreditEnergyKWh, metersim.Heats{Amount: 1_000}, 26),
		"10 kWh": heatOnLine(cjt188.CreditEnergy10kWh, metersim.Heats{Amount: 10_000}, 260),
		"GJ":     heatInGJ(),
	}
}

// What is sold is what the meter can count, whatever the step of the price list: the rest of the money stays the customer's.
func TestHeatOverTheWire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.heats(t) // in steps of 10 Wh
	for name, speaks := range hotMeters() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.onLine(t, speaks, metersim.Friendly(), 1)
			h.joins(t)
			d := w.desk(w.store)
			if _, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(speaks.least-1)); !errors.Is(err, vending.ErrAmountTooSmall) && speaks.least > 1 {
				t.Errorf("less than its smallest order: %v", err)
			}
			h.wantOnce(t) // nothing was sold
			for _, fen := range []int64{speaks.least, topUpFen, 12_345} {
				out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(fen))
				q := out.Purchase.Quote
				if err != nil || out.Purchase.State != vending.Loaded || q.Credit.N%speaks.step() != 0 || q.Cost+q.Change != fen || q.Change > speaks.least {
					t.Fatalf("%d fen: %+v, %v", fen, out.Purchase, err)
				}
				if _, err := h.meter.Burn(12_345); err != nil {
					t.Fatal(err)
				}
				h.report(t)
			}
			h.wantOnce(t)
			h.wantBooks(t)
			h.wantDifferences(t, 0)
		})
	}
}

// step is what the meter takes orders in.
func (s spoken) step() int64 { return s.driver.(gateway.CJT188).Credit.Step() }

// A heat meter of which nobody has said what its amounts are in takes no order, and no money is taken for one.
func TestHeatOfAMeterThatNobodyDescribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.heats(t)
	h := w.onLine(t, hotMeters()["kWh"], metersim.Friendly(), 1)
	described, d := h.wire.Driver, w.desk(w.store)
	h.wire.Driver = heatOnLine(0, metersim.Heats{}, 0).driver
	if _, _, err := d.IssueCard(t.Context(), h.terminal(d, h.wire), h.no, h.number()); !errors.Is(err, vending.ErrNoWireSale) {
		t.Errorf("it is what credit is sold on: %v", err)
	}
	cards, err := w.store.Cards(t.Context(), h.no)
	if err != nil || len(cards) > 0 {
		t.Errorf("%+v, %v", cards, err)
	}
	h.wire.Driver = described
	h.joins(t)
	h.wire.Driver = heatOnLine(0, metersim.Heats{}, 0).driver
	if _, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); !errors.Is(err, vending.ErrNoWireSale) {
		t.Errorf("got %v", err)
	}
	h.report(t) // it is read all the same
	list, err := w.store.Purchases(t.Context(), h.no, false, 10)
	if err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	h.wantBooks(t)
}

// deafAfter is a wire that takes one order, and is cut before its answer.
type deafAfter struct {
	counter.Wire
	cut bool
}

func (c *deafAfter) Hear(ctx context.Context) (intake.Heard, error) {
	if c.cut {
		return intake.Heard{}, errCutLine
	}
	return c.Wire.Hear(ctx)
}

func (c *deafAfter) Send(ctx context.Context, count uint32, credit ledger.Amount) error {
	c.cut = true
	return errors.Join(errCutLine, c.Wire.Send(ctx, count, credit))
}

// An order whose answer is lost is in doubt until the meter is heard: its next report settles it, once.
func TestHeatInDoubtIsSettledByTheNextReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.heats(t)
	for name, speaks := range hotMeters() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.onLine(t, speaks, metersim.Friendly(), 1)
			h.joins(t)
			d := w.desk(w.store)
			out, err := d.TopUpOnLine(t.Context(), h.terminal(d, &deafAfter{Wire: h.wire}), request(topUpFen))
			if err != nil || out.Purchase.State != vending.Pending {
				t.Fatalf("%+v, %v", out, err)
			}
			h.report(t)
			if !h.settled(t, out.Purchase.ID) {
				t.Error("the report has not settled it")
			}
			h.wantOnce(t)
			h.wantBooks(t)
			h.wantDifferences(t, 0)
		})
	}
}
