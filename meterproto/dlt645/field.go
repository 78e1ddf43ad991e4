package dlt645

import (
	"errors"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
)

// ErrRegister is a register that is no value of the field: its kind, unit, scale
// or length is another.
var ErrRegister = errors.New("the register is no value of this field")

// ErrReserved is a value whose digits a meter takes for "no value".
var ErrReserved = errors.New("these digits mean that there is no value")

// Form is how a field is written.
type Form uint8

// The forms. All multi-byte fields are sent lowest byte first.
const (
	Unsigned Form = iota // BCD digits
	Signed               // BCD digits; the highest bit is the sign, set where negative
	Digits               // BCD digits that name something: an address, a customer
	Bits                 // a status word
	Text                 // ASCII
	Clock                // a date, a time of day, or both: see Layout
)

// Field is one quantity of an item.
type Field struct {
	Kind   meterproto.Kind
	Unit   meterproto.Unit
	Form   Form
	Size   uint8  // bytes
	Scale  int8   // of the last digit, in the unit: −2 for XXXXXX.XX
	Layout string // of a Clock: a letter a byte in wire order, of s m h W D M Y
	Phase  uint8  // where one value holds all phases: 1 to 3 are A to C

	Function meterproto.Function
}

// read reads the field's bytes into a register. Errors: *bcd.DigitError, ErrDate;
// the register is then Invalid and has no value.
func (f *Field) read(b []byte, r *meterproto.Register) (err error) {
	r.Kind, r.Unit, r.Function, r.Raw = f.Kind, f.Unit, f.Function, b
	if f.none(b) {
		r.State = meterproto.NoValue
		return nil
	}
	switch f.Form {
	case Unsigned, Signed:
		r.Value.Scale = f.Scale
		r.Value.Digits, err = decodeDigits(b, f.Form == Signed)
	case Digits:
		_, err = decodeDigits(b, false)
	case Clock:
		r.Time, err = decodeClock(b, f.Layout)
	}
	if err != nil {
		r.State, r.Value = meterproto.Invalid, meterproto.Decimal{}
	}
	return err
}

// none reports whether the meter says that there is no value: FF in all bytes; in
// two and more 99; in a date 00, the day before any.
func (f *Field) none(b []byte) bool {
	if b[0] == 0xFF || len(b) > 1 {
		return bcd.NoValue(b) || f.dated() && allZero(b)
	}
	return false
}

func (f *Field) dated() bool { return f.Form == Clock && strings.ContainsAny(f.Layout, "DM") }

func allZero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

// appendTo appends a register as the field writes it, one without a value as FF.
// A value must have the field's scale. On an error (ErrRegister, *bcd.RangeError,
// ErrNegative, ErrDate) dst is returned unchanged.
func (f *Field) appendTo(dst []byte, r meterproto.Register) ([]byte, error) {
	var err error
	out := dst
	switch {
	case r.Kind != f.Kind || r.Unit != f.Unit:
		return dst, ErrRegister
	case r.State != meterproto.Good:
		for range f.Size {
			out = append(out, 0xFF)
		}
		return out, nil
	case f.Form == Clock:
		out, err = appendClock(dst, r.Time, f.Layout)
	case f.Form == Unsigned || f.Form == Signed:
		if r.Value.Scale != f.Scale {
			return dst, ErrRegister
		}
		out, err = appendDigits(dst, r.Value.Digits, int(f.Size), f.Form == Signed)
	case len(r.Raw) != int(f.Size):
		return dst, ErrRegister
	default:
		return append(dst, r.Raw...), nil
	}
	if err == nil && f.none(out[len(dst):]) {
		return dst, ErrReserved
	}
	return out, err
}
