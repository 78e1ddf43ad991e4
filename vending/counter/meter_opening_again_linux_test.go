package counter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// isImported makes the household one of whom an older system's list says what their meter had burnt and has left.
func (h *metered) isImported(t testing.TB, tariff string, consumed, left int64) {
	t.Helper()
	o := newcomer
	o.Customer.No, o.Customer.Name, o.Customer.Tariff, o.Meter.No = h.no+1, "王芳", tariff, "00000000009999"
	o.Consumed, o.Credit, o.CostFen = consumed, left, 13_152
	if taken, err := h.world.store.Enrol(t.Context(), []vending.Opening{o}, finance, false); err != nil || taken[0].Err != nil {
		t.Fatal(taken, err)
	}
	h.no, h.asked.Customer, h.asked.Meter, h.wire.Meter = o.Customer.No, o.Customer.No, o.Meter.No, o.Meter.No
}

// burntList counts what is burnt: 60 m³ a year at 1.00, then 10.00.
func burntList(t testing.TB) vending.Tariff {
	t.Helper()
	list := flatList(t, "gas-burnt", "2020-01-01", 100)
	list.Tiers, list.Counted = []vending.Tier{{UpTo: 60_000, PriceFen: 100}, {PriceFen: 1_000}}, vending.OnConsumption
	return list
}

// What is burnt since the books know the meter, from an import or an earlier takeover on, is of this year's tiers: whatever is taken
// over afterwards. What a stranger was read to have burnt before is not.
func TestTiersGoOnWithAnotherOpening(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(*metered, *counter.Desk)
		used   int64
	}{
		"imported": {func(h *metered, _ *counter.Desk) { h.isImported(t, "gas-burnt", 850_000, 50_000) }, 50_000},
		"taken over before": {func(h *metered, d *counter.Desk) {
			if o := h.isTakenOver(t, d); o.Fresh() != 50_000 {
				t.Errorf("%+v", o)
			}
		}, 50_000},
		"read before": {func(h *metered, _ *counter.Desk) { h.report(t) }, 10_000},
	} {
		w := newWorld(t)
		w.lists(t, burntList(t))
		speaks := gasOnLine()
		speaks.tariff = "gas-burnt"
		h, d := w.onLine(t, speaks, metersim.Friendly(), 1), w.desk(w.store)
		h.served(t, 37, 900_000, 850_000)
		c.before(h, d)
		if _, err := h.meter.Burn(40_000); err != nil {
			t.Fatal(err)
		}
		h.report(t)
		if o := h.isTakenOver(t, d); o.Offset() != 0 || o.Total != 900_000 {
			t.Errorf("%s: %+v", name, o)
		}
		out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(2_000))
		if err != nil || out.Purchase.Usage.Used != c.used {
			t.Errorf("%s: %d are used, want %d: %v", name, out.Purchase.Usage.Used, c.used, err)
		}
		h.wantRuns(t, 37, 900_000)
		h.wantDifferences(t, 0)
		w.wantSound(t)
	}
}

// What an import began with is known to a step from the takeover on, whatever part of the count the meter shows.
func TestImportedMeterIsKnownToAStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.isImported(t, "gas-residential", 7_000, 990)
	h.served(t, 256, 1_004, 5)
	h.strangely(7_000, 0)
	if o := h.isTakenOver(t, w.desk(w.store)); o.Total != 7_990 || o.Report.Count != 0 {
		t.Errorf("%+v", o)
	}
	if _, err := h.meter.Burn(5); err != nil {
		t.Fatal(err)
	}
	h.report(t)
	h.wantDifferences(t, 0)
}

// overtaken is a wire on whose answer somebody else acts first.
type overtaken struct {
	counter.Wire
	first func()
}

func (o *overtaken) Hear(ctx context.Context) (intake.Heard, error) {
	heard, err := o.Wire.Hear(ctx)
	o.first()
	return heard, err
}

// Of two who take a meter over at once one does; the other looks again, and finds that the books agree with it.
func TestMeterIsTakenOverTwiceAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, d := w.onLine(t, gasOnLine(), metersim.Friendly(), 1), w.desk(w.store)
	h.served(t, 37, 900_000, 850_000)
	h.strangely(7_000, 0)
	late := &overtaken{h.wire, func() { h.isTakenOver(t, d) }}
	req := counter.MeterTakeOver{Count: 37, Total: "900"}
	if _, done, err := d.TakeOverMeter(t.Context(), approved(), h.asked, late, req); done || !errors.Is(err, vending.ErrOpeningMoved) {
		t.Errorf("%v, %v", done, err)
	}
	if o := h.isTakenOver(t, d); o.Total != 907_000 || o.Fresh() != 0 || o.Offset() != 0 {
		t.Errorf("%+v", o)
	}
	if err := w.store.Statements(t.Context(), h.number(), func(st store.Statement) error {
		if st.Offset != 7_000 {
			t.Errorf("the total is shifted by %d", st.Offset)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	h.wantDifferences(t, 0)
	w.wantSound(t)
}
