package vending

import (
	"math"
	"math/bits"
)

// milli is a sum of money in thousandths of a fen, which is what units times a
// price are: exact, in 128 bits.
type milli struct{ hi, lo uint64 }

func (m milli) plus(n milli) milli {
	lo, carry := bits.Add64(m.lo, n.lo, 0)
	hi, over := bits.Add64(m.hi, n.hi, carry)
	if over > 0 {
		return milli{math.MaxUint64, math.MaxUint64}
	}
	return milli{hi, lo}
}

// fen is the sum in whole fen and the thousandths that are left; false where it
// does not fit.
func (m milli) fen() (fen, rest uint64, ok bool) {
	if m.hi >= 1000 {
		return 0, 0, false
	}
	fen, rest = bits.Div64(m.hi, m.lo, 1000)
	return fen, rest, fen < math.MaxUint64
}

// up is a sum in fen, rounded up; it saturates at the largest int64.
func (m milli) up() int64 {
	fen, rest, ok := m.fen()
	if rest > 0 {
		fen++
	}
	if !ok || fen > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(fen)
}

// minus is m - n in thousandths of a fen; false where it does not fit in 64 bits.
func (m milli) minus(n milli) (int64, bool) {
	lo, borrow := bits.Sub64(m.lo, n.lo, 0)
	hi, _ := bits.Sub64(m.hi, n.hi, borrow)
	fits := hi == 0 && lo <= math.MaxInt64 || hi == math.MaxUint64 && lo > math.MaxInt64
	return int64(lo), fits
}
