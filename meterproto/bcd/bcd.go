package bcd

import (
	"errors"
	"fmt"
	"slices"
)

// MaxSize is the longest field in bytes: 16 digits, which every int64 holds.
const MaxSize = 8

// ErrSize is returned for a field of no bytes or of more than MaxSize.
var ErrSize = errors.New("a BCD field has 1 to 8 bytes")

// DigitError is a nibble that is no decimal digit.
type DigitError struct {
	Offset int  // index of the byte in the field, as the field was given
	Byte   byte // the byte there
}

func (e *DigitError) Error() string {
	return fmt.Sprintf("byte %d is %02X: not two decimal digits", e.Offset, e.Byte)
}

// RangeError is a number that has more digits than its field.
type RangeError struct {
	Value uint64
	Size  int // of the field, in bytes
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("%d does not fit %d BCD digits", e.Value, 2*e.Size)
}

// Big reads a field whose first byte holds the highest digits. Errors: ErrSize,
// *DigitError.
func Big(b []byte) (uint64, error) {
	if len(b) == 0 || len(b) > MaxSize {
		return 0, ErrSize
	}
	var v uint64
	for i, x := range b {
		hi, lo := x>>4, x&0x0F
		if hi > 9 || lo > 9 {
			return 0, &DigitError{Offset: i, Byte: x}
		}
		v = v*100 + uint64(hi*10+lo)
	}
	return v, nil
}

// Little reads a field whose first byte holds the lowest digits. Errors as Big.
func Little(b []byte) (uint64, error) {
	if len(b) == 0 || len(b) > MaxSize {
		return 0, ErrSize
	}
	var v uint64
	for i := len(b) - 1; i >= 0; i-- {
		hi, lo := b[i]>>4, b[i]&0x0F
		if hi > 9 || lo > 9 {
			return 0, &DigitError{Offset: i, Byte: b[i]}
		}
		v = v*100 + uint64(hi*10+lo)
	}
	return v, nil
}

// AppendLittle appends v as size bytes, lowest digits first. On an error
// (ErrSize, *RangeError) dst is returned unchanged.
func AppendLittle(dst []byte, v uint64, size int) ([]byte, error) {
	if size < 1 || size > MaxSize {
		return dst, ErrSize
	}
	start, rest := len(dst), v
	for range size {
		dst = append(dst, byte(rest/10%10)<<4|byte(rest%10))
		rest /= 100
	}
	if rest != 0 {
		return dst[:start], &RangeError{Value: v, Size: size}
	}
	return dst, nil
}

// AppendBig appends v as size bytes, highest digits first. Errors as
// AppendLittle.
func AppendBig(dst []byte, v uint64, size int) ([]byte, error) {
	start := len(dst)
	dst, err := AppendLittle(dst, v, size)
	if err == nil {
		slices.Reverse(dst[start:])
	}
	return dst, err
}

// NoValue reports whether the field is all 99 or all FF, by which many meters
// say that they have no value. An empty field is not.
func NoValue(b []byte) bool {
	if len(b) == 0 || b[0] != 0x99 && b[0] != 0xFF {
		return false
	}
	for _, x := range b {
		if x != b[0] {
			return false
		}
	}
	return true
}
