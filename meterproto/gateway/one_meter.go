package gateway

import (
	"strconv"
	"strings"

	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// OneMeter says whether two addresses on one line are known to call one meter, each as its driver asks it: 7 and 07 of Modbus do,
// and so do a mask and whoever it stands for. A primary and a secondary address of M-Bus may, and nobody knows.
func OneMeter(a Driver, atA string, b Driver, atB string) bool {
	x, y := called(a, atA), called(b, atB)
	return x == y || answers(y, x) || answers(x, y)
}

// What a meter is called by, in one spelling. The types tell the protocols apart.
type (
	mbusPrimary byte
	modbusUnit  byte
	iecDevice   string
)

// called is the address that a driver sends; the text of one that it would refuse.
func called(d Driver, address string) any {
	switch d := d.(type) {
	case CJT188:
		if a, err := cjt188.ParseAddress(address); err == nil {
			return a
		}
	case DLT645, DLT97:
		if a, err := dlt645.ParseAddress(address); err == nil {
			return a
		}
	case MBus:
		if t, err := d.talk(nil, address); err == nil && t.primary != mbus.Selected {
			return mbusPrimary(t.primary)
		} else if err == nil {
			return t.mask
		}
	case Modbus:
		if n, err := strconv.ParseUint(address, 10, 8); err == nil {
			return modbusUnit(n)
		}
	case IEC62056:
		return iecDevice(strings.TrimLeft(address, "0")) // IEC 62056-21 6.3.2: leading zeros are not looked at
	}
	return address
}

// answers says whether a meter that is called one thing answers to the mask, too.
func answers(meter, mask any) bool {
	switch mask := mask.(type) {
	case cjt188.Address:
		_, ok := meter.(cjt188.Address)
		return ok && mask == cjt188.AnyMeter()
	case dlt645.Address:
		a, ok := meter.(dlt645.Address)
		return ok && mask.Matches(a)
	case mbus.Secondary:
		a, ok := meter.(mbus.Secondary)
		return ok && mask.Matches(a)
	case iecDevice:
		_, ok := meter.(iecDevice)
		return ok && mask == ""
	}
	return false
}
