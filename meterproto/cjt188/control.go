package cjt188

import "fmt"

// Control is the byte C (§1.2): bit 7 is set in what a meter sends, bit 6 in a
// refusal, the rest is the function.
type Control byte

// The functions of the 2004 edition. 20H to 3FH are the vendors' own.
const (
	ReadData       Control = 0x01
	ReadAddress    Control = 0x03
	WriteData      Control = 0x04
	ReadKeyVersion Control = 0x09
	WriteAddress   Control = 0x15
	WriteSync      Control = 0x16

	fromMeter Control = 0x80
	abnormal  Control = 0x40

	vendorFunctions Control = 0x20 // from here on
)

// FromMeter reports whether a meter sent the frame, not a master.
func (c Control) FromMeter() bool { return c&fromMeter != 0 }

// Abnormal reports whether the meter refuses.
func (c Control) Abnormal() bool { return c&abnormal != 0 }

// Function is C without direction and refusal.
func (c Control) Function() Control { return c &^ (fromMeter | abnormal) }

// Reply is the control byte with which a meter answers c.
func (c Control) Reply() Control { return c | fromMeter }

// Refusal is the control byte with which a meter refuses c.
func (c Control) Refusal() Control { return c | fromMeter | abnormal }

// String is the byte in hexadecimal.
func (c Control) String() string { return fmt.Sprintf("%02X", byte(c)) }

// The longest DATA (§1): 64H for reads, 32H for writes. The standard does not
// bound what vendors send under functions of their own; a byte does.
const (
	MaxData       = 0x64
	MaxWriteData  = 0x32
	MaxVendorData = 0xFF
)

// writes reports a function that changes something in the meter, as the standard
// has it.
func (c Control) writes() bool {
	switch c.Function() {
	case WriteData, WriteAddress, WriteSync:
		return true
	}
	return false
}

// maxData is the longest DATA of a frame with this control byte.
func (c Control) maxData() int {
	switch {
	case c.Function() >= vendorFunctions:
		return MaxVendorData
	case c.writes():
		return MaxWriteData
	}
	return MaxData
}
