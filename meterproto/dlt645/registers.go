package dlt645

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// FieldError is a field of an answer that cannot be read.
type FieldError struct {
	Field  string // the item's name
	Offset int    // of the field's first byte, counted from the first byte of DATA
	Err    error  // *bcd.DigitError (its offset counts from the field) or ErrDate
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s at DATA+%d: %v", e.Field, e.Offset, e.Err)
}

// Unwrap is the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// separator ends a block, where a meter puts it (§6 of both editions' blocks).
const separator = 0xAA

// AppendRegisters appends what the values of a reply say, in their order, as
// registers; their Raw is a part of r.Values. Values of an identifier that no
// table has, or of another length, become one register of the Kind Unread, and
// the error is meterproto.ErrLayout. Else the error joins a *FieldError for every
// field that is wrong; the other registers are good even then.
func AppendRegisters(dst []meterproto.Register, r Reply) ([]meterproto.Register, error) {
	it, n, phase := find(r.DI, len(r.Values))
	if it == nil {
		return unread(dst, r), fmt.Errorf("%w: identifier %v with %d bytes", meterproto.ErrLayout, r.DI, len(r.Values))
	}
	values := r.Values
	if n == 0 {
		values = trimSeparator(values)
		n = it.values(r.DI.Code, len(values))
	}
	if n == 0 {
		return unread(dst, r), fmt.Errorf("%w: %s (%v) with %d bytes, want %d a value",
			meterproto.ErrLayout, it.Name, r.DI, len(r.Values), it.size())
	}
	base := it.place(r.DI.Code)
	base.Subunit += uint16(phase)
	return it.appendValues(dst, values, base, r.DI)
}

func unread(dst []meterproto.Register, r Reply) []meterproto.Register {
	return append(dst, meterproto.Register{Kind: meterproto.Unread, Raw: r.Values})
}

func trimSeparator(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == separator {
		return b[:n-1]
	}
	return b
}

// appendValues reads one value after the other. base is the place of the first.
func (it *Item) appendValues(dst []meterproto.Register, values []byte, base meterproto.Register, d DI) ([]meterproto.Register, error) {
	var errs []error
	block := it.block(d.Code)
	for at := 0; at < len(values); {
		for i := range it.Fields {
			f := &it.Fields[i]
			dst = append(dst, base)
			r := &dst[len(dst)-1]
			if f.Phase > 0 {
				r.Subunit = uint16(f.Phase)
			}
			if err := f.read(values[at:at+int(f.Size)], r); err != nil {
				errs = append(errs, &FieldError{Field: it.Name, Offset: d.size() + at, Err: err})
			}
			at += int(f.Size)
		}
		if block != nil {
			block.step(&base)
		}
	}
	return dst, errors.Join(errs...)
}

// place is where the values of an identifier begin: tariff, storage and phase.
func (it *Item) place(code uint32) (r meterproto.Register) {
	for i := range it.vary.parts {
		p := &it.vary.parts[i]
		v := p.of(code)
		if p.asksBlock(code) {
			v = uint32(p.first)
		}
		p.set(&r, v)
	}
	return r
}

func (p *part) set(r *meterproto.Register, v uint32) {
	switch p.means {
	case byTariff:
		r.Tariff = v
	case byPhase:
		r.Subunit = uint16(v)
	case byStorage, byIndex:
		r.Storage = uint64(v)
	}
}

// step moves on to the next value of a block.
func (p *part) step(r *meterproto.Register) {
	switch p.means {
	case byTariff:
		r.Tariff++
	case byPhase:
		r.Subunit++
	case byStorage, byIndex:
		r.Storage++
	}
}

// AppendValues appends registers as the values of an identifier, as a meter sends
// them and a master writes them: what AppendRegisters reads back. It fails, and
// returns dst unchanged, with meterproto.ErrLayout where no table has the
// identifier or their number is none that it has, else with the error of the
// first register that does not fit.
func AppendValues(dst []byte, d DI, registers []meterproto.Register) ([]byte, error) {
	out := dst
	it, _, _ := find(d, 0)
	if it == nil {
		return dst, fmt.Errorf("%w: identifier %v", meterproto.ErrLayout, d)
	}
	for i, r := range registers {
		var err error
		if out, err = it.Fields[i%len(it.Fields)].appendTo(out, r); err != nil {
			return dst, fmt.Errorf("%s, register %d: %w", it.Name, i+1, err)
		}
	}
	if it.values(d.Code, len(out)-len(dst)) == 0 {
		return dst, fmt.Errorf("%w: %s (%v) with %d registers", meterproto.ErrLayout, it.Name, d, len(registers))
	}
	return out, nil
}
