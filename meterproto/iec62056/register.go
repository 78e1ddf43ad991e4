package iec62056

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// ErrBroken: the telegram's CRC is wrong, so nothing in it is a value.
var ErrBroken = errors.New("the telegram's CRC is wrong")

// RefusalError is a meter's error message, as (ER01). errors.Is knows it as
// meterproto.ErrAbnormal.
type RefusalError struct{ Text string }

func (e *RefusalError) Error() string { return fmt.Sprintf("%v: %q", meterproto.ErrAbnormal, e.Text) }

// Unwrap is the sentinel callers branch on.
func (e *RefusalError) Unwrap() error { return meterproto.ErrAbnormal }

// Refusal is the error message of an answer that is one, else nil (§6.5.2: one
// set without an address that begins with ER).
func (m Message) Refusal() error {
	if m.Kind == Answer && len(m.Fields) == 1 && len(m.Fields[0].Address) == 0 && bytes.HasPrefix(m.Fields[0].Text, []byte("ER")) {
		return &RefusalError{string(m.Fields[0].Text)}
	}
	return nil
}

// AppendRegisters appends what the message's data sets say, in their order. A
// number becomes a quantity by its unit, or by its code where that needs none;
// what is not known stays Unread, what is no number is text. A time with its
// letter belongs to the values behind it in its set, and is a register only
// where it stands alone. Errors: ErrBroken; *RefusalError.
func AppendRegisters(dst []meterproto.Register, m Message) ([]meterproto.Register, error) {
	if m.Seal == BrokenCRC {
		return dst, ErrBroken
	}
	if err := m.Refusal(); err != nil {
		return dst, err
	}
	for at := 0; at < len(m.Fields); {
		end := setEnd(m.Fields, at)
		if splitOverLines(m.Fields[at:end], m.Fields[end:]) {
			dst = append(dst, joined(m.Fields[at], m.Fields[at+5], m.Fields[end]))
			end++
		} else {
			dst = appendSet(dst, m.Fields[at:end])
		}
		at = end
	}
	return dst, nil
}

// setEnd is where the set that begins at at ends.
func setEnd(fields []Field, at int) int {
	for at++; at < len(fields) && fields[at].Nth > 0; at++ {
	}
	return at
}

// appendSet appends the registers of one data set.
func appendSet(dst []meterproto.Register, set []Field) []meterproto.Register {
	code, known := ParseOBIS(set[0].Address)
	var e entry
	if known {
		e = code.entry()
	} else {
		code = OBIS{Absent, Absent, Absent, Absent, Absent, Absent}
	}
	var at time.Time
	for _, f := range set {
		t, state := parseInstant(f.Text)
		if state == goodInstant && len(set) > 1 {
			at = t
			continue
		}
		r := labelled(code, f)
		switch state {
		case goodInstant:
			r.Kind, r.Time = meterproto.OfInstant, t
		case badInstant:
			r.Kind, r.State = meterproto.OfInstant, meterproto.Invalid
		default:
			r.Time = at
			value(&r, f, e.role)
		}
		dst = append(dst, r)
	}
	return dst
}

// labelled is a register without a value.
func labelled(code OBIS, f Field) meterproto.Register {
	r := meterproto.Register{Tariff: code.Tariff(), Storage: code.Storage(), Subunit: code.Channel(), Raw: f.Text}
	switch code.D {
	case maximum:
		r.Function = meterproto.Maximum
	case minimum:
		r.Function = meterproto.Minimum
	}
	return r
}

// value reads what is between the brackets.
func value(r *meterproto.Register, f Field, role role) {
	if q, known := quantityWith(f); known {
		measured(r, q, f.Value())
		return
	}
	if len(f.Text) == 0 {
		r.Kind, r.State = kindOf(role), meterproto.NoValue
		return
	}
	d, isNumber := parseDecimal(f.Text)
	switch kind := kindOf(role); {
	case kind == meterproto.OfCount || kind == meterproto.OfRatio:
		if r.Kind = kind; isNumber {
			r.Value = d
		} else {
			r.State = meterproto.Invalid
		}
	case kind == meterproto.OfInstant:
		r.Kind, r.State = kind, meterproto.Invalid
	case kind != meterproto.Unread:
		r.Kind = kind
	case !isNumber && !bytes.ContainsRune(f.Text, '*'):
		r.Kind = meterproto.OfText
	}
}

// measured reads a number that has a unit.
func measured(r *meterproto.Register, q quantity, number []byte) {
	r.Kind, r.Unit = q.kind, q.unit
	d, isNumber := parseDecimal(number)
	scaled, fits := q.decimal(d)
	switch {
	case len(number) == 0:
		r.State = meterproto.NoValue
	case !isNumber || !fits:
		r.State = meterproto.Invalid
	default:
		r.Value = scaled
	}
}

// quantityWith is what the field's unit says, if it has one that is known.
func quantityWith(f Field) (quantity, bool) {
	unit, ok := f.Unit()
	if !ok {
		return quantity{}, false
	}
	return quantityOf(unit)
}

// kindOf is the kind that a code alone tells.
func kindOf(r role) meterproto.Kind {
	switch r {
	case identity:
		return meterproto.OfIdentity
	case status:
		return meterproto.OfStatus
	case counter:
		return meterproto.OfCount
	case ratio:
		return meterproto.OfRatio
	case text, ofDayTime:
		return meterproto.OfText
	case instant:
		return meterproto.OfInstant
	}
	return meterproto.Unread
}

// splitOverLines tells of the hourly value of a sub-device as P1 sent it before
// edition 4: 0-n:24.3.0(time)(status)(period)(1)(0-n:24.2.1)(unit), and the value
// alone in the next line.
func splitOverLines(set, behind []Field) bool {
	code, ok := ParseOBIS(set[0].Address)
	if !ok || code.A != ofDevice || code.C != 24 || code.D != 3 || len(set) != 6 {
		return false
	}
	return len(behind) > 0 && len(behind[0].Address) == 0 && setEnd(behind, 0) == 1
}

// joined is that value. Its time has no letter, so it is not known to the hour.
func joined(head, unit, value Field) meterproto.Register {
	code, _ := ParseOBIS(head.Address)
	r := labelled(code, value)
	if q, known := quantityOf(unit.Text); known {
		measured(&r, q, value.Text)
	}
	return r
}
