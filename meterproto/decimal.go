package meterproto

import (
	"bytes"
	"math"
	"strconv"
)

// Decimal is Digits × 10^Scale, exact: 12.34 is {1234, -2}. Meters send decimal
// numbers and shift the point; a binary fraction could not hold them.
type Decimal struct {
	Digits int64
	Scale  int8
}

// String is the number in plain notation with as many decimals as the meter
// sent: "12.30", "-0.05", "4500".
func (d Decimal) String() string { return string(d.AppendTo(nil)) }

// AppendTo appends what String says.
func (d Decimal) AppendTo(dst []byte) []byte {
	var room [20]byte
	digits := strconv.AppendInt(room[:0], d.Digits, 10)
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if d.Scale >= 0 {
		return zeros(append(dst, digits...), d.nought())
	}
	whole := len(digits) + int(d.Scale)
	if whole <= 0 {
		return append(zeros(append(dst, '0', '.'), -whole), digits...)
	}
	dst = append(append(dst, digits[:whole]...), '.')
	return append(dst, digits[whole:]...)
}

// nought is how many zeros a whole number ends in beside its digits.
func (d Decimal) nought() int {
	if d.Digits == 0 {
		return 0
	}
	return int(d.Scale)
}

func zeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// In is the number counted in 10^scale: In(-3) of 12.34 m³ is 12340 litres. What
// is smaller than one of them is cut off towards zero, and step, else 1, is how
// many of them the last digit stands for: the true value lies within one step.
// ok is false where it does not fit an int64.
func (d Decimal) In(scale int8) (n, step int64, ok bool) {
	n, step = d.Digits, 1
	for s := d.Scale; s < scale && n != 0; s++ {
		n /= 10
	}
	for s := d.Scale; s > scale; s-- {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 || step > math.MaxInt64/10 {
			return 0, 0, false
		}
		n, step = n*10, step*10
	}
	return n, step, true
}

// To is the same number with zeros written behind it until its last digit stands
// for no more than 10^scale, or until an int64 holds no more of them; In then
// claims no coarser step than that scale has.
func (d Decimal) To(scale int8) Decimal {
	if d.Digits == 0 {
		d.Scale = min(d.Scale, scale)
	}
	for d.Scale > scale && d.Digits <= math.MaxInt64/10 && d.Digits >= math.MinInt64/10 {
		d.Digits, d.Scale = d.Digits*10, d.Scale-1
	}
	return d
}

// Shortest is the shortest decimal number that is read back as the same float of
// that many bits, 32 or 64: what a meter's maker meant, and no binary fraction. ok
// is false where v is no number or infinite, or a Decimal has no room for it. How
// round the number is says nothing of how fine its device counts: see To.
func Shortest(v float64, bits int) (d Decimal, ok bool) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Decimal{}, false
	}
	var room [32]byte
	mantissa, power, _ := bytes.Cut(strconv.AppendFloat(room[:0], v, 'e', -1, bits), []byte("e")) // -d.ddd, ±dd
	scale := exponent(power)
	fraction := false
	for _, x := range mantissa {
		switch {
		case x == '.':
			fraction = true
		case x != '-':
			d.Digits = d.Digits*10 + int64(x-'0')
			if fraction {
				scale--
			}
		}
	}
	if scale < math.MinInt8 || scale > math.MaxInt8 {
		return Decimal{}, false
	}
	if d.Scale = int8(scale); mantissa[0] == '-' {
		d.Digits = -d.Digits
	}
	return d, true
}

// exponent reads a sign and digits.
func exponent(b []byte) (n int) {
	for _, x := range b[1:] {
		n = n*10 + int(x-'0')
	}
	if b[0] == '-' {
		return -n
	}
	return n
}
