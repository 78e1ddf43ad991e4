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

func modbusDriver(t *testing.T) gateway.Modbus {
	t.Helper()
	m, err := modbus.ShippedMap("example-corrector-integer")
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Modbus{Map: m, Timing: modbus.Timing(2400)}
}

// readCorrector reads unit 7 on a line on which answers have that fault.
func readCorrector(t *testing.T, plan metersim.FaultPlan, seed uint64, unit string) (r meterproto.Reading, err error) {
	t.Helper()
	d := modbusDriver(t)
	onCable(t, metersim.Line{Faults: plan, Seed: seed, Protocol: metersim.ModbusLine{}}, nil, func(t *testing.T, line *link.Line) {
		r, err = d.Read(t.Context(), line, unit)
	}, &metersim.Modbus{Unit: 7, Meter: still(someState())})
	return r, err
}

func TestModbusIsReadByItsMap(t *testing.T) {
	t.Parallel()
	r, err := readCorrector(t, metersim.Friendly(), 1, "7")
	if err != nil || r.Meter != "7" || r.Consumed != (meterproto.Volume{Litres: 1_046_963, Resolution: 1, Valid: true}) ||
		r.Settled.Litres != 900_019 || len(r.Registers) != len(modbusDriver(t).Map.Entries()) {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestModbusFaults(t *testing.T) {
	t.Parallel()
	for f, ends := range map[metersim.Fault]ends{
		metersim.NoFault: {}, metersim.Repeated: {}, metersim.Torn: {}, metersim.Echo: {}, metersim.Noise: {},
		metersim.Short: {always: meterproto.ErrGarbage}, metersim.BadSum: {always: meterproto.ErrGarbage},
		metersim.Silence: {always: meterproto.ErrNoAnswer}, metersim.Stranger: {always: meterproto.ErrWrongMeter},
		metersim.Refusal: {always: meterproto.ErrAbnormal, once: meterproto.ErrAbnormal},
	} {
		for seed := uint64(1); seed <= 5; seed++ {
			for _, c := range []struct {
				plan metersim.FaultPlan
				want error
			}{{metersim.Always(f), ends.always}, {metersim.First(1, f), ends.once}} {
				r, err := readCorrector(t, c.plan, seed, "7")
				if !errors.Is(err, c.want) || (c.want == nil) != (r.Consumed.Litres == 1_046_963) {
					t.Errorf("%s: %+v, %v", f, r, err)
				}
			}
		}
	}
}

func TestModbusUnitsThatAreNotAsked(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"", "0", "248", "-1", "x"} {
		if _, err := modbusDriver(t).Read(t.Context(), deaf{t}, unit); err == nil {
			t.Errorf("unit %q was asked", unit)
		}
	}
	if _, err := readCorrector(t, metersim.Friendly(), 1, "8"); !errors.Is(err, meterproto.ErrNoAnswer) {
		t.Errorf("a unit that is not there: %v", err)
	}
}

// On TCP an answer says to which request it is.
func TestModbusTCPHasTransactions(t *testing.T) {
	t.Parallel()
	for fault, want := range map[metersim.Fault]error{metersim.NoFault: nil, metersim.Stale: meterproto.ErrStale, metersim.BadSum: meterproto.ErrGarbage} {
		d := modbusDriver(t)
		d.TCP, d.SER, d.Timing.Retries = true, new(gateway.Counter), 0
		onCable(t, metersim.Line{Faults: metersim.Always(fault), Seed: 1, Protocol: metersim.ModbusLine{TCP: true}}, nil, func(t *testing.T, line *link.Line) {
			r, err := d.Read(t.Context(), line, "7")
			if !errors.Is(err, want) || (want == nil) != (r.Consumed.Litres == 1_046_963) {
				t.Errorf("%s: %+v, %v", fault, r, err)
			}
		}, &metersim.Modbus{Unit: 7, Meter: still(someState()), TCP: true})
	}
}
