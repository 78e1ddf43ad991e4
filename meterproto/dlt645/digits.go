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
// that the highest bit of the last byte is the sign. It is bcd.Little without a
// copy of the field. Errors: *bcd.DigitError.
func decodeDigits(b []byte, signed bool) (int64, error) {
	var v int64
	negative := false
	for i := len(b) - 1; i >= 0; i-- {
		x := b[i]
		if signed && i == len(b)-1 && x&signBit != 0 {
			negative, x = true, x&^signBit
		}
		hi, lo := x>>4, x&0x0F
		if hi > 9 || lo > 9 {
			return 0, &bcd.DigitError{Offset: i, Byte: b[i]}
		}
		v = v*100 + int64(hi)*10 + int64(lo)
	}
	if negative {
		v = -v
	}
	return v, nil
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
