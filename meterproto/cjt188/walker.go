package cjt188

import (
	"errors"
	"slices"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
)

// walker goes over the fields of a message, in the one order that the message
// states, and reads or writes each: so both agree.
//
// A reading walker remembers every field that could not be read and goes on; a
// message that is longer than the values reads zeros, and is refused at its end.
type walker struct {
	layout  Layout
	writing bool
	storage uint64 // of settlement fields, where not 0
	b       []byte // the values to read, or what was written so far
	at      int    // the next byte to read
	items   *[]Item
	errs    []error
}

// err is everything that was wrong, nil where nothing was.
func (w *walker) err() error { return errors.Join(w.errs...) }

func (w *walker) take(n int) []byte {
	from := w.at
	w.at += n
	if w.at > len(w.b) {
		return make([]byte, n)
	}
	return w.b[from:w.at]
}

// wrong remembers that the field whose bytes were just taken is no good, where
// there is an error.
func (w *walker) wrong(f *Field, raw []byte, err error) error {
	if err == nil {
		return nil
	}
	err = &FieldError{Field: f.Name, Offset: querySize + w.at - len(raw), Err: err}
	w.errs = append(w.errs, err)
	return err
}

// digits reads a number of up to eight digits. ok is false where the meter sent
// "no value"; n is then 99…9 where that is what it sent.
func (l Layout) digits(b []byte) (n uint32, ok bool, err error) {
	if !l.HighFirst {
		for i := len(b) - 1; i >= 0; i-- {
			n = n*100 + uint32(b[i]>>4*10+b[i]&0x0F)
		}
	} else {
		for _, x := range b {
			n = n*100 + uint32(x>>4*10+x&0x0F)
		}
	}
	for i, x := range b {
		if x > 0x99 || x&0x0F > 9 {
			if bcd.NoValue(b) {
				return 0, false, nil
			}
			return 0, false, &bcd.DigitError{Offset: i, Byte: x}
		}
	}
	return n, !bcd.NoValue(b), nil
}

// putDigits writes a number. "No value" is written FF…F; what would be read as
// "no value" cannot be written.
func (w *walker) putDigits(n uint32, valid bool, size int) {
	start := len(w.b)
	for rest := n; len(w.b) < start+size; rest /= 100 {
		if !valid {
			w.b = append(w.b, 0xFF)
			continue
		}
		w.b = append(w.b, byte(rest/10%10<<4|rest%10))
	}
	if valid && uint64(n) >= nines[size] {
		w.errs = append(w.errs, &bcd.RangeError{Value: uint64(n), Size: size})
	}
	if w.layout.HighFirst {
		slices.Reverse(w.b[start:])
	}
}

// nines is the number that stands for "no value" (§8 item 4), by size of a field.
var nines = [...]uint64{1: 99, 2: 9_999, 3: 999_999, 4: 99_999_999}

// item is what a reader notes of a field, where its caller wants to know.
type item struct {
	raw    []byte
	kind   meterproto.Kind // where the field's own is what its unit or the model says
	digits meterproto.Decimal
	unit   Unit
	united bool // there is a unit byte
	sent   bool // digits were sent, whatever they mean
	value  meterproto.Decimal
	base   meterproto.Unit
	time   time.Time
	valid  bool
	err    error
}

func (w *walker) note(f *Field, i item) {
	if w.items == nil {
		return
	}
	r := meterproto.Register{Kind: f.Kind, Storage: f.Storage, Raw: i.raw}
	if f.Kind == meterproto.Unread {
		r.Kind = i.kind
	}
	if w.storage != 0 {
		r.Storage = w.storage
	}
	switch {
	case i.err != nil:
		r.State = meterproto.Invalid
	case !i.valid:
		r.State = meterproto.NoValue
	case r.Kind != meterproto.Unread:
		r.Unit, r.Value, r.Time = i.base, i.value, i.time
	}
	*w.items = append(*w.items, Item{
		Field: f, Digits: i.digits, Numeric: i.sent, Unit: i.unit, HasUnit: i.united, Register: r, Err: i.err,
	})
}
