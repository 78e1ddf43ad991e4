package cardfile

import (
	"fmt"
	"strings"
)

// MaxQuantity is the largest credit, total or register that vg1 can hold: 48 bits.
const MaxQuantity = 1<<48 - 1

const quantitySize = 6

// appendQuantity writes a quantity in 48 bits.
func appendQuantity(b []byte, v int64) ([]byte, error) {
	if v < 0 || v > MaxQuantity {
		return nil, fmt.Errorf("%w: quantity %d", ErrValue, v)
	}
	for shift := 40; shift >= 0; shift -= 8 {
		b = append(b, byte(v>>shift))
	}
	return b, nil
}

// quantity reads 48 bits.
func quantity(b []byte) int64 {
	var v int64
	for _, x := range b[:quantitySize] {
		v = v<<8 | int64(x)
	}
	return v
}

// appendDigits packs a number of at most 2*size digits, leading ones first, the
// rest filled with F.
func appendDigits(b []byte, digits string, size int) ([]byte, error) {
	if digits == "" || len(digits) > 2*size {
		return nil, fmt.Errorf("%w: %d digits, at most %d", ErrValue, len(digits), 2*size)
	}
	padded := digits + strings.Repeat("?", 2*size-len(digits)) // '?' is 3F: a filling F below
	for i := 0; i < 2*size; i += 2 {
		if i < len(digits) && !digit(digits[i]) || i+1 < len(digits) && !digit(digits[i+1]) {
			return nil, fmt.Errorf("%w: a number has digits only", ErrValue)
		}
		b = append(b, padded[i]<<4|padded[i+1]&0xF)
	}
	return b, nil
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// digits unpacks the digits in b, whatever stands between them: the caller
// packs them again and compares, so that one spelling only is taken.
func digits(b []byte) string {
	var out strings.Builder
	for i := range 2 * len(b) {
		if nibble := b[i/2] >> (4 * (1 - i%2)) & 0xF; nibble <= 9 {
			out.WriteByte('0' + nibble)
		}
	}
	return out.String()
}
