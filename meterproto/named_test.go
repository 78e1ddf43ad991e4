package meterproto_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

func TestNamedPartsAreOfTheWholeDevice(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	volume := func(digits int64, change func(*meterproto.Register)) meterproto.Register {
		r := meterproto.Register{Kind: meterproto.OfVolume, Unit: meterproto.CubicMetre, Value: meterproto.Decimal{Digits: digits, Scale: -2}}
		if change != nil {
			change(&r)
		}
		return r
	}
	registers := []meterproto.Register{
		volume(1, func(r *meterproto.Register) { r.Tariff = 1 }),
		volume(2, func(r *meterproto.Register) { r.Subunit = 1 }),
		volume(3, func(r *meterproto.Register) { r.Function = meterproto.Maximum }),
		volume(4, func(r *meterproto.Register) { r.State = meterproto.Invalid }),
		volume(5, func(r *meterproto.Register) { r.Storage = 2 }),
		volume(1234, nil), volume(9999, nil),
		volume(1000, func(r *meterproto.Register) { r.Storage = 1 }),
		{Kind: meterproto.OfEnergy, Unit: meterproto.WattHour, Value: meterproto.Decimal{Digits: 7}},
		{Kind: meterproto.OfInstant, Time: clock},
	}
	want := meterproto.Reading{
		Meter: "7", Time: clock, Registers: registers,
		Consumed: meterproto.Volume{Litres: 12_340, Resolution: 10, Valid: true},
		Settled:  meterproto.Volume{Litres: 10_000, Resolution: 10, Valid: true},
	}
	if got := meterproto.Named("7", registers); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	huge := volume(1<<62, func(r *meterproto.Register) { r.Value.Scale = 3 })
	if got := meterproto.Named("7", []meterproto.Register{huge}); got.Consumed != (meterproto.Volume{}) {
		t.Errorf("a volume that fits no int64: %+v", got.Consumed)
	}
}
