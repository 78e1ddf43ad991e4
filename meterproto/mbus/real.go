package mbus

import (
	"math"
	"strconv"

	"github.com/vendgate/vendgate/meterproto"
)

// decodeReal is the shortest decimal that names the 32-bit real (type H): what
// the meter's maker meant, and no binary fraction. Infinite and what is no
// number are NoValue.
func decodeReal(f float32) (d meterproto.Decimal, s meterproto.State) {
	if f64 := float64(f); math.IsNaN(f64) || math.IsInf(f64, 0) {
		return d, meterproto.NoValue
	}
	var room [24]byte
	text := strconv.AppendFloat(room[:0], float64(f), 'e', -1, 32) // -d.ddde±dd
	exponent, scale := 0, 0
	behind := false
	for i, c := range text {
		switch {
		case c == '.':
			behind = true
		case c == 'e':
			exponent = exponentOf(text[i+1:])
			d.Scale = int8(exponent - scale)
			if text[0] == '-' {
				d.Digits = -d.Digits
			}
			return d, meterproto.Good
		case c != '-':
			d.Digits = 10*d.Digits + int64(c-'0')
			if behind {
				scale++
			}
		}
	}
	return d, meterproto.Good
}

// exponentOf reads the sign and the two digits behind an e.
func exponentOf(b []byte) int {
	n := 0
	for _, c := range b[1:] {
		n = 10*n + int(c-'0')
	}
	if b[0] == '-' {
		return -n
	}
	return n
}

// NotFinite names a real that is no number or infinite as C does ("nan",
// "-inf"); it is empty for every other record.
func (r Record) NotFinite() string {
	const exponent, fraction, sign = 0x7F80_0000, 0x007F_FFFF, 0x8000_0000
	bits := uint32(0)
	if r.Coding == Real32 {
		bits = uint32(getUint(r.Data, r.Order))
	}
	if bits&exponent != exponent {
		return ""
	}
	name := "inf"
	if bits&fraction != 0 {
		name = "nan"
	}
	if bits&sign != 0 {
		name = "-" + name
	}
	return name
}
