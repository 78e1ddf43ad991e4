package cjt188

import (
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
)

const (
	digitsSize   = 4 // XXXXXX.XX
	quantitySize = digitsSize + 1

	// noDigits cannot be sent as a number: meters mean "no value" by it (§8 item 4).
	noDigits = 99_999_999
)

// Digits is a field XXXXXX.XX: hundredths of a unit, 0 to 99999998. Valid is
// false, and Hundredths 0, where the meter sent "no value".
type Digits struct {
	Hundredths uint32
	Valid      bool
}

// Quantity is a field XXXXXX.XX with its unit byte.
type Quantity struct {
	Digits
	Unit Unit
}

// Volume is the quantity in litres, cut down where the meter shows parts of a
// litre. It fails with *UnitError where the unit is no volume.
func (q Quantity) Volume() (meterproto.Volume, error) {
	if !q.Valid {
		return meterproto.Volume{}, nil
	}
	ml, err := q.Unit.millilitres()
	if err != nil {
		return meterproto.Volume{}, err
	}
	return meterproto.Volume{
		Litres:     int64(q.Hundredths) * ml / 1000,
		Resolution: max(1, ml/1000),
		Valid:      true,
	}, nil
}

// appendTo appends the field. "No value" is written FF FF FF FF.
func (d Digits) appendTo(dst []byte) ([]byte, error) {
	if !d.Valid {
		return append(dst, 0xFF, 0xFF, 0xFF, 0xFF), nil
	}
	if d.Hundredths >= noDigits {
		return dst, &bcd.RangeError{Value: uint64(d.Hundredths), Size: digitsSize}
	}
	return bcd.AppendLittle(dst, uint64(d.Hundredths), digitsSize)
}

func (q Quantity) appendTo(dst []byte) ([]byte, error) {
	dst, err := q.Digits.appendTo(dst)
	if err != nil {
		return dst, err
	}
	return append(dst, byte(q.Unit)), nil
}
