package main

import (
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// A DL/T 645 meter that counts energy has no purchases to tell, but a relay and a clock.
func TestElectricityThatIsNotSold(t *testing.T) {
	t.Parallel()
	for counts, sells := range map[ledger.Commodity]bool{ledger.WattHour: false, ledger.CNY: true} {
		d, err := driverOf(vending.LineMeter{Protocol: vending.DLT645}, counts)
		_, seller := d.(gateway.Seller)
		_, shutter := d.(gateway.Shutter)
		_, clock := d.(gateway.ClockSetter)
		if err != nil || seller != sells || !shutter || !clock {
			t.Errorf("%s: sells %v, relay %v, clock %v, %v", counts, seller, shutter, clock, err)
		}
	}
}
