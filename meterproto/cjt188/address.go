package cjt188

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Address is a meter's address in wire order: A0, the lowest pair of digits,
// first; A5 and A6 are the vendor's code. Some vendors put hexadecimal digits
// in it (§8 item 5), so it is text, not a number.
type Address [7]byte

// AnyMeter is the address to which every meter answers: for a line with one
// meter on it.
func AnyMeter() Address { return Address{0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA, 0xAA} }

// ParseAddress reads the 14 digits that are printed on the meter, highest
// first; hexadecimal digits are upper case.
func ParseAddress(s string) (Address, error) {
	var a Address
	if len(s) != 14 || strings.ToUpper(s) != s {
		return Address{}, fmt.Errorf("meter address %q: want 14 digits", s)
	}
	if _, err := hex.Decode(a[:], []byte(s)); err != nil {
		return Address{}, fmt.Errorf("meter address %q: want 14 digits: %w", s, err)
	}
	slices.Reverse(a[:])
	return a, nil
}

// String is the form that ParseAddress reads.
func (a Address) String() string {
	slices.Reverse(a[:])
	return fmt.Sprintf("%X", a[:])
}
