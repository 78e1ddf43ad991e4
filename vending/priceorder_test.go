package vending_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

// A price counts only when the meter has confirmed it, and as long as it
// does not say that it charges another, whatever else happened.
func TestPriceCountsOnlyWhenConfirmed(t *testing.T) {
	t.Parallel()
	events := []vending.OrderEvent{vending.OrderGoesOut, vending.OrderProved, vending.OrderRefused, vending.OrderUnheard, vending.OrderReplaced}
	rapid.Check(t, func(t *rapid.T) {
		o := vending.PriceOrder{Meter: "1", From: midnight(2026, 4, 1), State: vending.OrderScheduled}
		proved, sent := false, false
		for _, e := range rapid.SliceOf(rapid.SampledFrom(events)).Draw(t, "events") {
			next, ok := o.State.Next(e)
			if !ok {
				continue
			}
			proved, sent = e == vending.OrderProved || proved && e != vending.OrderRefused, sent || e == vending.OrderGoesOut
			if next == vending.OrderWithdrawn && o.State != vending.OrderScheduled {
				t.Fatalf("%s is withdrawn: the meter may hold it", o.State)
			}
			o.State = next
		}
		charges, known, uncertain := vending.MeterCharges([]vending.PriceOrder{o})
		if known != proved || known && charges != o || len(uncertain) > 0 && !sent {
			t.Fatalf("%s: known %v, uncertain %v", o.State, known, uncertain)
		}
	})
}

func TestMeterChargesWhatItConfirmedLast(t *testing.T) {
	t.Parallel()
	at := func(month time.Month, state vending.OrderState, confirmed time.Time) vending.PriceOrder {
		return vending.PriceOrder{From: midnight(2026, month, 1), State: state, Confirmed: confirmed}
	}
	first, second := at(1, vending.OrderConfirmed, midnight(2026, 1, 5)), at(3, vending.OrderConfirmed, midnight(2026, 3, 9))
	sent, later, planned := at(5, vending.OrderSent, time.Time{}), at(4, vending.OrderSent, time.Time{}), at(7, vending.OrderScheduled, time.Time{})
	stale := at(2, vending.OrderSent, time.Time{})
	charges, known, uncertain := vending.MeterCharges([]vending.PriceOrder{sent, second, planned, first, later, stale})
	if !known || charges != second || len(uncertain) != 2 || uncertain[0] != later || uncertain[1] != sent {
		t.Errorf("%+v, %v, %+v", charges, known, uncertain)
	}
	if _, known, uncertain := vending.MeterCharges([]vending.PriceOrder{planned}); known || uncertain != nil {
		t.Error("a scheduled price counts")
	}
}
