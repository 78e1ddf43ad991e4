package dlt645

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// wild stands for any two digits in an address that is asked (§1).
const wild = 0xAA

// Address is a meter's address in wire order: A0, the lowest pair of digits,
// first.
type Address [6]byte

// AnyMeter is the address to which every meter answers: for a line with one
// meter on it.
func AnyMeter() Address { return Address{wild, wild, wild, wild, wild, wild} }

// Everyone is the address of a broadcast, which 2007 meters never answer.
func Everyone() Address { return Address{0x99, 0x99, 0x99, 0x99, 0x99, 0x99} }

// ParseAddress reads the digits that are printed on the meter, highest first.
// Fewer than 12 make a short address: every meter that ends in them is meant,
// and at least two must be there. A pair may be AA.
func ParseAddress(s string) (Address, error) {
	a := AnyMeter()
	if len(s) < 2 || len(s) > 2*len(a) || len(s)%2 != 0 || strings.ToUpper(s) != s {
		return Address{}, fmt.Errorf("meter address %q: want 12 digits, or 2 to 10 and even for a short one", s)
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return Address{}, fmt.Errorf("meter address %q: want 12 digits: %w", s, err)
	}
	slices.Reverse(b)
	copy(a[:], b)
	return a, nil
}

// String is the form that ParseAddress reads, always 12 digits.
func (a Address) String() string {
	slices.Reverse(a[:])
	return fmt.Sprintf("%X", a[:])
}

// Wild reports whether a pair of the address is AA: more than one meter may answer.
func (a Address) Wild() bool { return slices.Contains(a[:], wild) }

// Matches reports whether a meter that calls itself got may answer to a: a pair
// AA of a stands for anything, and so does the broadcast, to which 1997 meters
// answer where they are alone on the line.
func (a Address) Matches(got Address) bool {
	if a == Everyone() {
		return true
	}
	for i, b := range a {
		if b != wild && b != got[i] {
			return false
		}
	}
	return true
}
