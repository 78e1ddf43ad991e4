package dlt645

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto/bcd"
)

// ErrNegative is a number below zero for a field that has no sign.
var ErrNegative = errors.New("the field has no sign")

const signBit = 0x80

// decodeDigits reads a field of up to 8 bytes, lowest digits first; signed says
// that the highest bit of the last byte is the sign. Errors: *bcd.DigitError,
// bcd.ErrSize.
func decodeDigits(b []byte, signed bool) (int64, error) {
	last := len(b) - 1
	if !signed || b[last]&signBit == 0 {
		v, err := bcd.Little(b)
		return int64(v), err
	}
	var abs [bcd.MaxSize]byte
	copy(abs[:], b)
	abs[last] &^= signBit
	v, err := bcd.Little(abs[:len(b)])
	return -int64(v), err
}

// appendDigits appends v as size bytes, with a sign bit where signed says so.
// On an error (*bcd.RangeError, ErrNegative) dst is returned unchanged.
func appendDigits(dst []byte, v int64, size int, signed bool) ([]byte, error) {
	if v < 0 && !signed {
		return dst, fmt.Errorf("%w: %d", ErrNegative, v)
	}
	out, err := bcd.AppendLittle(dst, uint64(max(v, -v)), size)
	if err != nil {
		return dst, err
	}
	top := &out[len(out)-1]
	if signed && *top&signBit != 0 {
		return dst, &bcd.RangeError{Value: uint64(max(v, -v)), Size: size}
	}
	if v < 0 {
		*top |= signBit
	}
	return out, nil
}
