package mbus

import "fmt"

// CI is the control information field (EN 13757-3, table 1): what follows it.
type CI byte

// The CI fields of the wired bus.
const (
	AppReset      CI = 0x50
	SendLow       CI = 0x51 // data to the meter, lowest byte first
	SelectLow     CI = 0x52
	Synchronise   CI = 0x54
	SendHigh      CI = 0x55 // the same, highest byte first
	SelectHigh    CI = 0x56
	AppError      CI = 0x70
	Alarm         CI = 0x71
	VariableLow   CI = 0x72 // long header and records
	FixedLow      CI = 0x73
	VariableHigh  CI = 0x76
	FixedHigh     CI = 0x77
	VariableBare  CI = 0x78 // records without a header
	VariableShort CI = 0x7A // short header and records
	Baud300       CI = 0xB8
)

// name is what the field means: of those above, and of the others that meters use.
func (c CI) name() string {
	switch c {
	case AppReset:
		return "application reset"
	case SendLow, SendHigh:
		return "data to the meter"
	case SelectLow, SelectHigh:
		return "select by secondary address"
	case Synchronise, 0x5C:
		return "synchronise action"
	case AppError, 0x6E, 0x6F:
		return "application error"
	case Alarm, 0x74, 0x75:
		return "alarm status"
	case VariableLow, VariableHigh, VariableBare, VariableShort:
		return "variable data"
	case FixedLow, FixedHigh:
		return "fixed data"
	case 0x79, 0x7B:
		return "compact variable data"
	case 0x5A, 0x5B:
		return "command to the meter"
	case 0x6C, 0x6D:
		return "set the clock"
	case 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97:
		return "hash procedure"
	case 0xB1:
		return "read the whole memory"
	case 0xB2:
		return "write to memory"
	case 0xB3:
		return "start calibration"
	case 0xB4:
		return "read the permanent memory"
	case 0xB6:
		return "start the software test"
	}
	if baud, ok := c.Baud(); ok {
		return fmt.Sprintf("switch to %d baud", baud)
	}
	return "unknown"
}

// String is the code and what it means.
func (c CI) String() string { return fmt.Sprintf("%02XH (%s)", byte(c), c.name()) }

// bauds are the rates of B8 to BF, in order.
var bauds = [...]int{300, 600, 1200, 2400, 4800, 9600, 19200, 38400}

// Baud is the rate that the field tells a meter to switch to.
func (c CI) Baud() (int, bool) {
	if i := int(c) - int(Baud300); i >= 0 && i < len(bauds) {
		return bauds[i], true
	}
	return 0, false
}

// BaudCI is the field that tells a meter to switch to a rate.
func BaudCI(baud int) (CI, error) {
	for i, b := range bauds {
		if b == baud {
			return Baud300 + CI(i), nil
		}
	}
	return 0, fmt.Errorf("no meter can be switched to %d baud: want one of %v", baud, bauds)
}

// Order is the order of the bytes of a number on the wire.
type Order uint8

// The orders. Nearly every meter sends the lowest byte first (mode 1).
const (
	LowFirst Order = iota
	HighFirst
)

// order is the order that the field announces.
func (c CI) order() Order {
	switch c {
	case SendHigh, SelectHigh, VariableHigh, FixedHigh:
		return HighFirst
	}
	return LowFirst
}
