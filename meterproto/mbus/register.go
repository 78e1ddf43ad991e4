package mbus

import (
	"math"

	"github.com/vendgate/vendgate/meterproto"
)

// Quantity is of what the record is by its VIF, whatever the VIFEs make of it.
// It is the zero Quantity where the VIF is text or leads to no table.
func (r Record) Quantity() Quantity {
	table, code, _, ok := r.code()
	if !ok || r.Coding == Special {
		return Quantity{}
	}
	return table[code]
}

// Register is the record in the words that all protocols share. What it cannot
// interpret it leaves Unread, never a number.
func (r Record) Register() meterproto.Register {
	reg := meterproto.Register{
		Function: r.Function, Tariff: r.Tariff, Storage: r.Storage, Subunit: r.Subunit, Raw: r.Data,
	}
	table, code, vifes, ok := r.code()
	if !ok || r.makersCode() || r.Coding == Special || r.Coding == NoData || r.Coding == Readout {
		return reg
	}
	q := &table[code]
	c := changed(vifes, q.Kind)
	reg.Kind, reg.State = c.kind, c.state
	switch c.kind {
	case meterproto.Unread, meterproto.OfStatus:
	case meterproto.OfIdentity:
		if r.Coding == Variable && r.Length <= LongestText {
			reg.Kind = meterproto.OfText
		}
	case meterproto.OfInstant:
		r.instant(&reg, q.Kind == meterproto.OfInstant)
	default:
		r.value(&reg, q, c)
	}
	return reg
}

// makersCode reports a VIF of the maker's own. The VIFEs behind it are his as
// well, whatever they mean elsewhere.
func (r Record) makersCode() bool { return r.VIF&codeBits == vifMaker }

// instant fills in a date. Behind a VIFE, the size alone makes it one.
func (r Record) instant(reg *meterproto.Register, byVIF bool) {
	d, ok := r.date()
	if byVIF {
		d, ok = r.Date()
	}
	if !ok {
		reg.Kind = meterproto.Unread
		return
	}
	t, state := d.Time()
	if reg.State == meterproto.Good {
		reg.Time, reg.State = t, state
	}
}

// value fills in a number in its unit.
func (r Record) value(reg *meterproto.Register, q *Quantity, c change) {
	d, state, ok := r.Number()
	if !ok {
		reg.Kind, reg.State = meterproto.Unread, meterproto.Good
		return
	}
	reg.Unit = q.Unit
	scale, times := int(q.Scale)+c.shift, max(q.Times, 1)*max(q.Hourly, 1)
	if c.times != 0 {
		reg.Unit, scale, times = meterproto.Second, c.shift, c.times
	}
	switch {
	case reg.State != meterproto.Good:
	case state != meterproto.Good:
		reg.State = state
	case reg.Function == meterproto.DuringError && r.nines():
		reg.State = meterproto.NoValue
	default:
		reg.Value, ok = scaled(d, scale, times)
		if !ok {
			reg.State = meterproto.Invalid
		} else if reg.Kind.Counts() && times == 1 {
			reg.Span = r.span()
		}
	}
}

// span is after how many steps a number of this coding begins again: BCD shows what its meter does. An integer is wider than
// what its meter counts, so nobody knows.
func (r Record) span() int64 {
	switch r.Coding {
	case BCD2, BCD4, BCD6, BCD8, BCD12:
		return meterproto.SpanOfDigits(2 * len(r.Data))
	}
	return 0
}

// nines reports a BCD field of nothing but nines. In an error state that is how
// meters fill a register that they cannot measure; without one it is a number.
func (r Record) nines() bool {
	for _, b := range r.Data {
		if b != 0x99 {
			return false
		}
	}
	return len(r.Data) > 0
}

// scaled is d × times × 10^scale, where that has room in a Decimal. A real that
// happens to be round counts no coarser than the VIF's scale: 2000 m³ is known to
// the cubic metre, not to the thousand.
func scaled(d meterproto.Decimal, scale int, times int64) (meterproto.Decimal, bool) {
	of := scale + int(d.Scale)
	if d.Digits > math.MaxInt64/times || d.Digits < math.MinInt64/times || of != int(int8(of)) {
		return meterproto.Decimal{}, false
	}
	return meterproto.Decimal{Digits: d.Digits * times, Scale: int8(of)}.To(int8(scale)), true
}
