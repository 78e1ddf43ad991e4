package gateway_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
	"github.com/vendgate/vendgate/meterproto/modbus"
)

func corrector(t *testing.T) gateway.Modbus {
	t.Helper()
	m, err := modbus.ShippedMap("example-corrector-integer")
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Corrector(m, 2400)
}

// onModbus runs a test on a line with two correctors, of units 7 and 8.
func onModbus(t *testing.T, faults metersim.FaultPlan, test func(*testing.T, *link.Line)) {
	t.Helper()
	other := someState()
	other.Consumed = 1
	onCable(t, metersim.Line{Faults: faults, Seed: 1, Protocol: metersim.ModbusLine{}}, nil, test,
		&metersim.Modbus{Unit: 7, Meter: still(someState())}, &metersim.Modbus{Unit: 8, Meter: still(other)})
}

func checkCorrector(t *testing.T, got meterproto.Reading) {
	t.Helper()
	consumed := meterproto.Volume{Litres: 1_046_963, Resolution: 1, Valid: true}
	settled := meterproto.Volume{Litres: 900_019, Resolution: 1, Valid: true}
	if got.Meter != "7" || got.Consumed != consumed || got.Settled != settled || len(got.Registers) != 11 {
		t.Errorf("got %+v", got)
	}
}

// A fault that goes away costs a repetition; one that stays is an error that says
// what it is, and no value.
func TestModbusOnEveryFault(t *testing.T) {
	t.Parallel()
	for fault, always := range map[metersim.Fault]error{
		metersim.NoFault: nil, metersim.Repeated: nil, metersim.Torn: nil, metersim.Echo: nil, metersim.Noise: nil,
		metersim.Short: meterproto.ErrGarbage, metersim.BadSum: meterproto.ErrGarbage,
		metersim.Silence: meterproto.ErrNoAnswer, metersim.Deaf: meterproto.ErrNoAnswer,
		metersim.Stranger: meterproto.ErrWrongMeter, metersim.Stale: meterproto.ErrStale, metersim.OtherSize: meterproto.ErrStale,
		metersim.Refusal: meterproto.ErrAbnormal,
	} {
		onModbus(t, metersim.Always(fault), func(t *testing.T, line *link.Line) {
			got, err := corrector(t).Read(t.Context(), line, "7")
			if !errors.Is(err, always) || (err == nil) != (always == nil) {
				t.Errorf("%s: %v, want %v", fault, err, always)
			}
			if err == nil {
				checkCorrector(t, got)
			} else if len(got.Registers) != 0 || got.Consumed.Valid {
				t.Errorf("%s: %+v", fault, got)
			}
		})
		if errors.Is(always, meterproto.ErrAbnormal) {
			continue
		}
		onModbus(t, metersim.First(2, fault), func(t *testing.T, line *link.Line) {
			got, err := corrector(t).Read(t.Context(), line, "7")
			if err != nil {
				t.Errorf("%s twice: %v", fault, err)
				return
			}
			checkCorrector(t, got)
		})
	}
}

func TestModbusUnitsAreChecked(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"", "0", "248", "7x", "-1"} {
		if _, err := corrector(t).Read(t.Context(), nil, unit); err == nil {
			t.Errorf("%q was taken", unit)
		}
	}
}
