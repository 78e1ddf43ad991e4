package main

import (
	"strings"
	"testing"

	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

func TestMeterPasswords(t *testing.T) {
	t.Parallel()
	p, err := parsePasswords("# of the water works' own meters\n\n02 112233\n04  445566 # prices\n")
	if err != nil {
		t.Fatal(err)
	}
	d := p.of(gateway.Electricity()).(gateway.DLT645)
	if d.Password != (dlt645.Password{0x33, 0x22, 0x11}) || d.PriceAccess.Password != (dlt645.Password{0x66, 0x55, 0x44}) {
		t.Error("the driver has others")
	}
	if d := meterPasswords(nil).of(gateway.Electricity()).(gateway.DLT645); d.Password != (dlt645.Password{}) {
		t.Error("a driver without a file has one")
	}
	if _, ok := p.of(gateway.Gas()).(gateway.CJT188); !ok {
		t.Error("another driver did not stay as it was")
	}
	for _, bad := range []string{"02", "02 11223", "02 1122334", "02 11223x", "03 112233", "02 112233 4", "02 112233\n02 112233", "2 112233"} {
		if _, err := parsePasswords(bad); err == nil || strings.Contains(err.Error(), "1122") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
