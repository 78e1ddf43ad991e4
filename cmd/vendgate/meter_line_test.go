package main

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// A DL/T 645 meter that counts energy has no purchases to tell, but a relay and a clock. One of 1997 has none of them.
func TestElectricityThatIsNotSold(t *testing.T) {
	t.Parallel()
	for counts, sells := range map[ledger.Commodity]bool{ledger.WattHour: false, ledger.CNY: true} {
		name, err := modelFor("dlt645", counts)
		if err != nil {
			t.Fatal(err)
		}
		d := builtInDriver(t, name)
		_, shutter := d.(gateway.Shutter)
		_, clock := d.(gateway.ClockSetter)
		_, err = d.(gateway.Seller).Taken(t.Context(), nil, "no number")
		if errors.Is(err, gateway.ErrNotPrepaid) == sells || !shutter || !clock {
			t.Errorf("%s: %v, relay %v, clock %v", counts, err, shutter, clock)
		}
	}
	d := builtInDriver(t, "dlt645-1997")
	_, seller := d.(gateway.Seller)
	_, shutter := d.(gateway.Shutter)
	if _, clock := d.(gateway.ClockSetter); seller || shutter || clock {
		t.Errorf("1997: sells %v, relay %v, clock %v", seller, shutter, clock)
	}
}

// A line that nobody says more of goes as its protocol begins.
func TestLinesGoAsTheirProtocolBegins(t *testing.T) {
	t.Parallel()
	for protocol, want := range map[string]string{"cjt188": "2400 8E1", "mbus": "2400 8E1", "iec62056-21": "300 7E1"} {
		l, err := busOptions{line: "a", protocol: protocol, parity: "even"}.config()
		if err != nil || l.way() != want {
			t.Errorf("%s: %s, %v", protocol, l.way(), err)
		}
	}
	if l := lineOf(vending.LineMeter{Line: "a", Baud: builtIn()["iec62056-21"].baud, Parity: "even"}, modelConfig{Base: "iec62056-21"}); l.way() != "300 7E1" {
		t.Errorf("of the books: %s", l.way())
	}
}

func builtInDriver(t *testing.T, name string) gateway.Driver {
	t.Helper()
	m, _ := models(nil).named(name)
	d, err := m.driver(berth{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
