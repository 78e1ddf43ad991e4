package intake_test

import (
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
)

const number = "10000000000001"

func volume(litres, resolution int64) meterproto.Volume {
	return meterproto.Volume{Litres: litres, Resolution: resolution, Valid: true}
}

func reading() meterproto.Reading {
	open := true
	return meterproto.Reading{Meter: number, Time: noon, Consumed: volume(1200, 1), ValveOpen: &open, BatteryLow: true,
		Purchases: &meterproto.Purchases{Sequence: 1, Last: volume(76040, 10), Total: volume(76040, 10), Remaining: volume(74840, 10)}}
}

func TestFromWire(t *testing.T) {
	t.Parallel()
	got, err := intake.FromWire(1001, number, reading(), noon.Add(time.Hour))
	want := vending.Report{Customer: 1001, Meter: number, Source: vending.OverWire, MeterTime: noon, Loaded: 76040, Remaining: 74840,
		Consumed: 1200, Resolution: 10, ValveOpen: true, BatteryLow: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

// Zero is a value; "no value" is none.
func TestFromWireTakesZero(t *testing.T) {
	t.Parallel()
	r := reading()
	r.Consumed, r.Purchases = volume(0, 0), &meterproto.Purchases{Total: volume(0, 0), Remaining: volume(0, 0)}
	got, err := intake.FromWire(1001, number, r, noon)
	if err != nil || got.Loaded != 0 || got.Consumed != 0 || got.Resolution != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// A part that is missing or invalid is never taken for zero: there is no report.
func TestFromWireRefuses(t *testing.T) {
	t.Parallel()
	none := meterproto.Volume{}
	for name, c := range map[string]struct {
		change func(*meterproto.Reading)
		want   error
	}{
		"another meter":     {func(r *meterproto.Reading) { r.Meter = "10000000000002" }, meterproto.ErrWrongMeter},
		"no meter":          {func(r *meterproto.Reading) { r.Meter = "" }, meterproto.ErrWrongMeter},
		"no register":       {func(r *meterproto.Reading) { r.Consumed = none }, vending.ErrIncomplete},
		"register invalid":  {func(r *meterproto.Reading) { r.Consumed.Valid = false }, vending.ErrIncomplete},
		"not asked for":     {func(r *meterproto.Reading) { r.Purchases = nil }, vending.ErrIncomplete},
		"no total":          {func(r *meterproto.Reading) { r.Purchases.Total = none }, vending.ErrIncomplete},
		"total invalid":     {func(r *meterproto.Reading) { r.Purchases.Total.Valid = false }, vending.ErrIncomplete},
		"no remaining":      {func(r *meterproto.Reading) { r.Purchases.Remaining = none }, vending.ErrIncomplete},
		"remaining invalid": {func(r *meterproto.Reading) { r.Purchases.Remaining.Valid = false }, vending.ErrIncomplete},
	} {
		r := reading()
		c.change(&r)
		if got, err := intake.FromWire(1001, number, r, noon); !errors.Is(err, c.want) || got != (vending.Report{}) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What a report does not need may be missing. A meter without a clock reports as
// of now, in whole seconds as the books count them.
func TestFromWireWithoutTheRest(t *testing.T) {
	t.Parallel()
	r := reading()
	r.Time, r.ValveOpen, r.Purchases.Last = time.Time{}, nil, meterproto.Volume{}
	got, err := intake.FromWire(1001, number, r, noon.Add(1500*time.Millisecond))
	if err != nil || !got.MeterTime.Equal(noon.Add(time.Second)) || got.ValveOpen {
		t.Errorf("%+v, %v", got, err)
	}
}
