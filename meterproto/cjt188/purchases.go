package cjt188

import (
	"errors"

	"github.com/vendgate/vendgate/meterproto"
)

// purchasesSize is the values' length of DI 8105, L = 12H (§3).
const purchasesSize = 1 + 3*digitsSize + 2

// Credit is what a prepaid meter counts. The three amounts of DI 8105 have no
// unit byte: the standard prints them in yuan, and meters that count volume use
// the same field for cubic metres (uncertain: no capture is known). So the
// caller says which it is; the zero Credit is refused, nothing is guessed.
type Credit byte

const (
	CreditMoney  Credit = iota + 1 // hundredths are fen
	CreditVolume                   // hundredths are 10 litres
)

// Why amounts cannot be given as volumes.
var (
	ErrCreditUnknown = errors.New("say whether the meter counts money or volume")
	ErrCreditMoney   = errors.New("the meter counts money: its purchases are no volumes")
)

// Purchases is the answer to DI 8105: what a prepaid meter has taken.
type Purchases struct {
	Sequence  byte // purchase count modulo 256
	Last      Digits
	Total     Digits
	Remaining Digits
	Status    Status
}

// Volumes is the meter's view as a reading has it. Errors: ErrCreditMoney,
// ErrCreditUnknown.
func (p Purchases) Volumes(c Credit) (meterproto.Purchases, error) {
	switch c {
	case CreditVolume:
		return meterproto.Purchases{
			Sequence:  p.Sequence,
			Last:      p.Last.cubicMetres(),
			Total:     p.Total.cubicMetres(),
			Remaining: p.Remaining.cubicMetres(),
		}, nil
	case CreditMoney:
		return meterproto.Purchases{}, ErrCreditMoney
	}
	return meterproto.Purchases{}, ErrCreditUnknown
}

// cubicMetres takes the digits as hundredths of a cubic metre.
func (d Digits) cubicMetres() meterproto.Volume {
	if !d.Valid {
		return meterproto.Volume{}
	}
	return meterproto.Volume{Litres: int64(d.Hundredths) * 10, Resolution: 10, Valid: true}
}

// AppendTo appends the values as they follow DI DI SER. It fails, and returns
// dst unchanged, where an amount does not fit its field.
func (p Purchases) AppendTo(dst []byte) ([]byte, error) {
	out := append(dst, p.Sequence)
	for _, d := range []Digits{p.Last, p.Total, p.Remaining} {
		var err error
		if out, err = d.appendTo(out); err != nil {
			return dst, err
		}
	}
	return append(out, p.Status[:]...), nil
}

// DecodePurchases reads the values of a reply. Errors as DecodeFlow, for L = 12H.
func DecodePurchases(values []byte) (Purchases, error) {
	in, err := newFields(values, purchasesSize)
	if err != nil {
		return Purchases{}, err
	}
	p := Purchases{
		Sequence:  in.byte(),
		Last:      in.digits("this purchase"),
		Total:     in.digits("cumulative purchases"),
		Remaining: in.digits("remaining amount"),
		Status:    in.status(),
	}
	return p, in.err()
}
