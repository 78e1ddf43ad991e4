package counter_test

import (
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

// Who reads the register on site sees no credit. A wire shows tens of litres; what the card
// brings later is from before the visit, and tells the last litres that the meter has taken.
func TestReadingOnSiteSaysNothingOfCredit(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	h.bought(firstNo, 0, -1)
	heard := func(by vending.Source, hour int, loaded, consumed, resolution int64) {
		t.Helper()
		_, err := intake.Take(t.Context(), h.Store, vending.Report{Customer: liver, Meter: firstNo, Source: by, Loaded: loaded, Consumed: consumed,
			MeterTime: time.Date(2026, 3, 10, hour, 0, 0, 0, time.UTC), Remaining: loaded - consumed, Resolution: resolution}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
	}
	heard(vending.OverWire, 1, firstBuy-5, 10_000, 10)
	_, _, err := h.TakeStep(t.Context(), deed(clerk), counter.StepRequest{Customer: liver, Change: vending.Change{Step: vending.StepSuspend,
		Reason: "away", Seen: firstNo, SeenAgain: firstNo, Register: register(26_040)}})
	if err != nil {
		t.Fatal(err)
	}
	heard(vending.WriteBack, 2, firstBuy, 12_000, 1)
	err = h.Reconcile(t.Context(), "", func(r counter.Reconciled) error {
		for _, d := range r.Discrepancies {
			t.Errorf("%+v", d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
