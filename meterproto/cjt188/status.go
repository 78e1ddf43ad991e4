package cjt188

import (
	"fmt"
)

// Status is ST (§2): byte 0 holds valve and battery, the rest of it and byte 1
// are the vendor's.
type Status [2]byte

const statusSize = 2

// Valve is what a meter says of its valve.
type Valve byte

// The four codes of D1D0. ValveReserved is undefined, but real meters send it.
const (
	ValveOpen Valve = iota
	ValveClosed
	ValveReserved
	ValveAbnormal
)

// String is the valve's state as facts have it.
func (v Valve) String() string {
	return [...]string{"open", "closed", "reserved", "abnormal"}[v&3]
}

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

// Vendor is what only the vendor can read: D3 to D7 of byte 0, and byte 1.
func (s Status) Vendor() [2]byte { return [2]byte{s[0] &^ 0x07, s[1]} }

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

func (s *Status) walk(w *walker) { w.status(&status, s) }

func (w *walker) status(f *Field, s *Status) { w.raw(f, s[:]) }

// raw is bytes that are no number.
func (w *walker) raw(f *Field, b []byte) {
	if w.writing {
		w.b = append(w.b, b...)
		return
	}
	raw := w.take(len(b))
	copy(b, raw)
	w.note(f, item{raw: raw, valid: true})
}
