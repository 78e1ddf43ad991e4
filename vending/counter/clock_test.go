package counter_test

import (
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
)

// TestMeterClockIsBroken: the write-back has room for times that a database has
// not. A meter whose clock shows one still has its customer served, and its
// registers taken in once.
func TestMeterClockIsBroken(t *testing.T) {
	for name, at := range map[string]time.Time{
		"1970":                       time.Unix(0, 0),
		"year 12000":                 time.Date(12_000, 1, 1, 0, 0, 0, 0, time.UTC),
		"after the database's years": time.Date(300_000, 1, 1, 0, 0, 0, 0, time.UTC),
		"all bits set":               time.Unix(1<<48-1, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			h := w.opened(t)
			var err error
			h.meter, err = metersim.New(metersim.Config{Number: h.number(), Keys: w.keys, Utility: utility, Unit: cardio.Litre, Start: at.UTC()})
			if err != nil {
				t.Fatal(err)
			}
			slot := slotWith(h)
			for range 2 {
				out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), request(topUpFen))
				if err != nil || out.Purchase.State != vending.Loaded {
					t.Fatalf("%s, %v: want it loaded", out.Purchase.State, err)
				}
				if err := h.toMeter(slot); err != nil {
					t.Fatal(err)
				}
			}
			view, err := w.desk(w.store).Look(t.Context(), w.terminal(slot))
			if err != nil || view.Contents.WriteBack == nil || view.Contents.WriteBack.Loaded != h.meter.Snapshot().Loaded {
				t.Errorf("%+v, %v: want what the meter wrote", view.Contents.WriteBack, err)
			}
			a := &aftermath{world: w, home: h, slot: slot, terminal: w.terminal(slot)}
			a.books(t.Context())
			failAll(t, name, a.faults)
		})
	}
}
