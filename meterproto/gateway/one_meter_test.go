package gateway_test

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto/gateway"
)

// Two addresses are one meter's however they are written, and not where another protocol has the same digits.
func TestOneMeter(t *testing.T) {
	t.Parallel()
	modbus, mbus, iec := gateway.Modbus{}, gateway.MBus{}, gateway.IEC62056{}
	for _, c := range []struct {
		a    gateway.Driver
		atA  string
		b    gateway.Driver
		atB  string
		want bool
	}{
		{modbus, "7", modbus, "7", true},
		{modbus, "7", modbus, "07", true},
		{modbus, "7", modbus, "70", false},
		{modbus, "7", mbus, "7", false},
		{mbus, "7", mbus, "007", true},
		{mbus, "7", mbus, "8", false},
		{mbus, "7", mbus, "00000007", false},
		{mbus, "12345678", mbus, "12345678B4090107", true},
		{mbus, "1234567F", mbus, "12345678B4090107", true},
		{mbus, "12345678B4090107", mbus, "12345679B4090107", false},
		{gateway.Gas(), "10000000000001", gateway.Water(), "10000000000001", true},
		{gateway.Gas(), "10000000000001", gateway.Gas(), "10000000000002", false},
		{gateway.Gas(), "AAAAAAAAAAAAAA", gateway.Water(), "10000000000002", true},
		{gateway.Electricity(), "000000000001", gateway.Electricity97(), "000000000001", true},
		{gateway.Electricity(), "0001", gateway.Electricity(), "120000000001", true},
		{gateway.Electricity(), "0002", gateway.Electricity(), "120000000001", false},
		{iec, "0012", iec, "12", true},
		{iec, "", iec, "12", true},
		{iec, "120", iec, "12", false},
		{gateway.Gas(), "no address", gateway.Gas(), "no address", true},
	} {
		for range 2 {
			if got := gateway.OneMeter(c.a, c.atA, c.b, c.atB); got != c.want {
				t.Errorf("%T %q and %T %q: %v", c.a, c.atA, c.b, c.atB, got)
			}
			c.a, c.atA, c.b, c.atB = c.b, c.atB, c.a, c.atA
		}
	}
}
