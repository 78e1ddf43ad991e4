package cjt188

import (
	"github.com/vendgate/vendgate/meterproto"
)

// Digits is a field XXXXXX.XX or XXXX.XX: hundredths of a unit. Valid is false,
// and Hundredths 0, where the meter sent "no value" (99…9, FF…F).
type Digits struct {
	Hundredths uint32
	Valid      bool
}

// Quantity is a field XXXXXX.XX with its unit byte.
type Quantity struct {
	Digits
	Unit Unit
}

// Rate is a field XXXX.XXXX with its unit byte.
type Rate struct {
	TenThousandths uint32
	Valid          bool
	Unit           Unit
}

// Count is a field of whole units, as hours or cubic metres. Valid is as in
// Digits.
type Count struct {
	N     uint32
	Valid bool
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

// cubicMetres takes the digits as hundredths of a cubic metre.
func (d Digits) cubicMetres() meterproto.Volume {
	if !d.Valid {
		return meterproto.Volume{}
	}
	return meterproto.Volume{Litres: int64(d.Hundredths) * 10, Resolution: 10, Valid: true}
}

// Short is six digits and a unit byte, whose decimals are not known (§7).
type Short [shortSize]byte
