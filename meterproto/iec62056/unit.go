package iec62056

import "github.com/vendgate/vendgate/meterproto"

// quantity is what a unit makes of a number: it counts 10^shift × times of the
// normal unit.
type quantity struct {
	kind  meterproto.Kind
	unit  meterproto.Unit
	shift int8
	times int64 // 1 but of minutes, hours and days, which no decimal point makes seconds
}

// quantityOf reads a unit as makers spell it; ok is false where it is not known.
func quantityOf(unit []byte) (q quantity, ok bool) {
	q = quantity{times: 1}
	switch string(unit) {
	case "m3", "M3", "m^3":
		q.kind, q.unit = meterproto.OfVolume, meterproto.CubicMetre
	case "l", "L", "dm3":
		q.kind, q.unit, q.shift = meterproto.OfVolume, meterproto.CubicMetre, -3
	case "m3/h", "m3ph", "M3/h":
		q.kind, q.unit = meterproto.OfFlow, meterproto.CubicMetrePerHour
	case "l/h", "L/h", "lph":
		q.kind, q.unit, q.shift = meterproto.OfFlow, meterproto.CubicMetrePerHour, -3
	case "t":
		q.kind, q.unit, q.shift = meterproto.OfMass, meterproto.Kilogram, 3
	case "kg":
		q.kind, q.unit = meterproto.OfMass, meterproto.Kilogram
	case "C", "degC":
		q.kind, q.unit = meterproto.OfTemperature, meterproto.Celsius
	case "K":
		q.kind, q.unit = meterproto.OfTempSpan, meterproto.Kelvin
	case "bar":
		q.kind, q.unit = meterproto.OfPressure, meterproto.Bar
	case "mbar", "hPa":
		q.kind, q.unit, q.shift = meterproto.OfPressure, meterproto.Bar, -3
	case "kPa":
		q.kind, q.unit, q.shift = meterproto.OfPressure, meterproto.Bar, -2
	case "MPa":
		q.kind, q.unit, q.shift = meterproto.OfPressure, meterproto.Bar, 1
	case "Hz", "HZ":
		q.kind, q.unit = meterproto.OfFrequency, meterproto.Hertz
	case "%":
		q.kind, q.unit = meterproto.OfRatio, meterproto.Percent
	default:
		if q, ok = span(unit); ok {
			return q, true
		}
		return electric(unit)
	}
	return q, true
}

// span reads a unit of time.
func span(unit []byte) (q quantity, ok bool) {
	q = quantity{meterproto.OfDuration, meterproto.Second, 0, 1}
	switch string(unit) {
	case "s":
	case "min", "m":
		q.times = 60
	case "h":
		q.times = 3600
	case "d":
		q.times = 24 * 3600
	default:
		return quantity{}, false
	}
	return q, true
}

// electric reads a unit of energy, power, voltage or current with its prefix.
func electric(unit []byte) (q quantity, ok bool) {
	q.times = 1
	bare := unit
	if len(unit) > 1 {
		switch unit[0] {
		case 'm':
			q.shift, bare = -3, unit[1:]
		case 'k', 'K':
			q.shift, bare = 3, unit[1:]
		case 'M':
			q.shift, bare = 6, unit[1:]
		case 'G':
			q.shift, bare = 9, unit[1:]
		}
	}
	switch string(bare) {
	case "Wh", "WH", "wh":
		q.kind, q.unit = meterproto.OfEnergy, meterproto.WattHour
	case "J":
		q.kind, q.unit = meterproto.OfEnergy, meterproto.Joule
	case "W":
		q.kind, q.unit = meterproto.OfPower, meterproto.Watt
	case "J/h":
		q.kind, q.unit = meterproto.OfPower, meterproto.JoulePerHour
	case "V":
		q.kind, q.unit = meterproto.OfTension, meterproto.Volt
	case "A":
		q.kind, q.unit = meterproto.OfCurrent, meterproto.Ampere
	case "var", "VAr", "Var", "VAR":
		q.kind, q.unit = meterproto.OfReactive, meterproto.Var
	case "varh", "VArh", "Varh", "VARh", "VARH":
		q.kind, q.unit = meterproto.OfReactive, meterproto.VarHour
	case "VA":
		q.kind, q.unit = meterproto.OfApparent, meterproto.VoltAmpere
	case "VAh", "VAH":
		q.kind, q.unit = meterproto.OfApparent, meterproto.VoltAmpereHour
	default:
		return quantity{}, false
	}
	return q, true
}

// decimal is the value in the normal unit, exact; ok is false where it is too
// big.
func (q quantity) decimal(d meterproto.Decimal) (meterproto.Decimal, bool) {
	product := d.Digits * q.times
	scale := int(d.Scale) + int(q.shift)
	if product/q.times != d.Digits || scale < -100 || scale > 100 {
		return meterproto.Decimal{}, false
	}
	return meterproto.Decimal{Digits: product, Scale: int8(scale)}, true
}

// parseDecimal reads a number in plain notation: a sign, digits and one point.
// ok is false for all else, and where it has more digits than an int64 holds.
func parseDecimal(b []byte) (d meterproto.Decimal, ok bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	digits, point := 0, -1
	for i, x := range b {
		switch {
		case x == '.' && point < 0 && i > 0:
			point = i
		case x < '0' || x > '9' || d.Digits > 99_999_999_999_999_999:
			return meterproto.Decimal{}, false
		default:
			d.Digits = d.Digits*10 + int64(x-'0')
			digits++
		}
	}
	if point >= 0 {
		d.Scale = int8(point + 1 - len(b))
	}
	if negative {
		d.Digits = -d.Digits
	}
	return d, digits > 0 && point != len(b)-1 && len(b) <= standardVal
}
