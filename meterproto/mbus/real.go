package mbus

import "github.com/vendgate/vendgate/meterproto"

// decodeReal is the shortest decimal that names the 32-bit real (type H): what
// the meter's maker meant, and no binary fraction. Infinite and what is no
// number are NoValue.
func decodeReal(f float32) (meterproto.Decimal, meterproto.State) {
	const bits = 32
	d, ok := meterproto.Shortest(float64(f), bits)
	if !ok {
		return d, meterproto.NoValue
	}
	return d, meterproto.Good
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
