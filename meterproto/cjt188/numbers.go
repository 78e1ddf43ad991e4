package cjt188

import (
	"github.com/vendgate/vendgate/meterproto"
)

// Sizes of the fields (§2), and those of the 2018 edition (§7).
const (
	amountSize   = 4 // XXXXXX.XX
	quantitySize = amountSize + 1
	tempSize     = 3 // XXXX.XX
	priceSize    = 3 // XXXX.XX
	countSize    = 3 // XXXXXX
	hoursSize    = 3 // XXXXXX
	daySize      = 1

	shortSize     = 4 // six digits and a unit byte
	shortTempSize = 2 // XX.XX
	longHoursSize = 4 // XXXXXXXX
)

// quantity is four bytes of digits and a unit byte.
func (w *walker) quantity(f *Field, q *Quantity) {
	w.measured(f, &q.Hundredths, &q.Valid, &q.Unit, -2)
}

// rate is as quantity, with four decimals.
func (w *walker) rate(f *Field, r *Rate) {
	w.measured(f, &r.TenThousandths, &r.Valid, &r.Unit, -4)
}

func (w *walker) measured(f *Field, n *uint32, valid *bool, u *Unit, scale int8) {
	if w.writing {
		if w.layout.UnitFirst {
			w.b = append(w.b, byte(*u))
		}
		w.putDigits(*n, *valid, amountSize)
		if !w.layout.UnitFirst {
			w.b = append(w.b, byte(*u))
		}
		return
	}
	raw := w.take(quantitySize)
	i := item{raw: raw, united: true}
	digits := raw[:amountSize]
	*u = Unit(raw[amountSize])
	if w.layout.UnitFirst {
		*u, digits = Unit(raw[0]), raw[1:]
	}
	m := &units[*u]
	sent, ok, err := w.layout.digits(digits)
	i.sent = ok || sent != 0
	switch {
	case err == nil && *u == 0 && sent == 0:
		ok = false // 00×5: the meter does not have the quantity
	case ok && !f.takes(m.kind):
		err = &UnitError{Unit: *u, Want: f.wants()}
	}
	i.unit, i.digits = *u, meterproto.Decimal{Digits: int64(sent), Scale: scale}
	if err != nil {
		i.err = w.wrong(f, raw, err)
		*u, ok = 0, false
	}
	*n, *valid = 0, ok
	if ok {
		*n = sent
	}
	if w.items != nil {
		i.kind, i.base, i.value = m.kind, m.base, meterproto.Decimal{Digits: int64(sent), Scale: scale + m.shift}
		i.valid = ok
		w.note(f, i)
	}
}

// takes reports whether a unit of this kind may stand in the field. A
// settlement value is what the meter counts: volume, or energy.
func (f *Field) takes(k meterproto.Kind) bool {
	if f == &settledAny {
		return k == meterproto.OfVolume || k == meterproto.OfEnergy
	}
	return k == f.Kind
}

// wants is what a unit in the field has to count.
func (f *Field) wants() string {
	switch f.Kind {
	case meterproto.OfVolume:
		return "volume"
	case meterproto.OfEnergy:
		return "energy"
	case meterproto.OfPower:
		return "power"
	case meterproto.OfFlow:
		return "flow"
	}
	return "volume or energy"
}

// hundredths is digits without a unit byte.
func (w *walker) hundredths(f *Field, d *Digits, size int, base meterproto.Unit) {
	w.plain(f, &d.Hundredths, &d.Valid, size, item{base: base, digits: meterproto.Decimal{Scale: -2}})
}

// amount is XXXXXX.XX of what the meter counts, which the wire does not say.
func (w *walker) amount(f *Field, d *Digits) { w.hundredths(f, d, amountSize, meterproto.NoUnit) }

// count is whole numbers without a unit byte.
func (w *walker) count(f *Field, c *Count, size int, base meterproto.Unit) {
	w.plain(f, &c.N, &c.Valid, size, item{base: base})
}

func (w *walker) plain(f *Field, n *uint32, valid *bool, size int, as item) {
	if w.writing {
		w.putDigits(*n, *valid, size)
		return
	}
	raw := w.take(size)
	var err error
	*n, *valid, err = w.layout.digits(raw)
	as.raw, as.valid, as.err = raw, *valid, w.wrong(f, raw, err)
	as.digits.Digits, as.sent = int64(*n), *valid || *n != 0
	as.value = as.digits
	if !*valid {
		*n = 0
	}
	w.note(f, as)
}

// hours is whole hours; registers count durations in seconds.
func (w *walker) hours(f *Field, c *Count, size int) {
	if w.writing {
		w.putDigits(c.N, c.Valid, size)
		return
	}
	raw := w.take(size)
	n, valid, err := w.layout.digits(raw)
	i := item{raw: raw, digits: whole(n), sent: valid || n != 0, valid: valid, err: w.wrong(f, raw, err)}
	i.base, i.value = meterproto.Second, meterproto.Decimal{Digits: int64(n) * 3600}
	if *c = (Count{}); valid {
		*c = Count{N: n, Valid: true}
	}
	w.note(f, i)
}

func whole[N byte | uint32](n N) meterproto.Decimal { return meterproto.Decimal{Digits: int64(n)} }

// short is bytes that stay as they are.
func (w *walker) short(f *Field, s *Short) { w.raw(f, s[:]) }
