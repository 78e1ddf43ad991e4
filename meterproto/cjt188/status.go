package cjt188

import "fmt"

// Status is ST (§2): byte 0 holds valve and battery, the rest of it and byte 1
// are the vendor's.
type Status [2]byte

// Valve is what a meter says of its valve.
type Valve byte

// The four codes of D1D0. ValveReserved is undefined, but real meters send it.
const (
	ValveOpen Valve = iota
	ValveClosed
	ValveReserved
	ValveAbnormal
)

const batteryLow = 0x04

// NewStatus is the status of a meter with this valve and battery.
func NewStatus(v Valve, low bool) Status {
	s := Status{byte(v) & 0x03, 0}
	if low {
		s[0] |= batteryLow
	}
	return s
}

// Valve is the position of the valve.
func (s Status) Valve() Valve { return Valve(s[0] & 0x03) }

// BatteryLow reports a battery that is nearly empty.
func (s Status) BatteryLow() bool { return s[0]&batteryLow != 0 }

// ValveIsOpen is the valve as a reading has it: nil unless open or closed.
func (s Status) ValveIsOpen() *bool {
	switch s.Valve() {
	case ValveOpen, ValveClosed:
		open := s.Valve() == ValveOpen
		return &open
	}
	return nil
}

// String is both bytes in hexadecimal.
func (s Status) String() string { return fmt.Sprintf("%02X%02X", s[0], s[1]) }
