package meterproto

// litreScale is a litre in cubic metres, as a power of ten.
const litreScale = -3

// Litres is the register, which counts cubic metres, in litres; not Valid where it does not fit.
func (r Register) Litres() Volume {
	n, step, ok := r.Value.In(litreScale)
	if !ok {
		return Volume{}
	}
	return Volume{Litres: n, Resolution: step, Span: r.SpanIn(litreScale), Valid: true}
}

// SpanIn is after how much the register begins again, counted in 10^scale of its unit; 0 where that is not known, no whole
// number, or too much to ever matter.
func (r Register) SpanIn(scale int8) int64 {
	span := Decimal{Digits: r.Span, Scale: r.Value.Scale}
	for span.Scale < scale && span.Digits != 0 && span.Digits%10 == 0 {
		span.Digits /= 10
		span.Scale++
	}
	if span.Scale < scale {
		return 0
	}
	n, _, _ := span.In(scale)
	return n
}

// Counts tells whether the register counts up, and begins again once it is full.
func (k Kind) Counts() bool { return k == OfVolume || k == OfEnergy }

// SpanOfDigits is how many steps a register of so many digits has before it begins again; 0 where an int64 has no room for it.
func SpanOfDigits(digits int) int64 {
	if digits < 1 || digits > 18 {
		return 0
	}
	span := int64(1)
	for range digits {
		span *= 10
	}
	return span
}
