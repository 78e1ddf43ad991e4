package modbus

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/bcd"
)

// AppendRegisters appends what a reply to one of the map's requests says: one
// register for each entry that was asked for, in the order of Entries. Errors as
// Message.Answers; dst is then unchanged. Raw is a part of the reply.
func (m *Map) AppendRegisters(dst []meterproto.Register, request, reply Message) ([]meterproto.Register, error) {
	if err := reply.Answers(request); err != nil {
		return dst, err
	}
	from, end := int(request.Address), int(request.Address)+int(request.Quantity)
	for i := range m.entries {
		e := &m.entries[i]
		if e.Read == request.Function && int(e.Address) >= from && e.end() <= end {
			at := 2 * (int(e.Address) - from)
			dst = append(dst, e.register(reply.Data[at:at+2*e.Size]))
		}
	}
	return dst, nil
}

// register reads the entry's value. What is no number leaves no number.
func (e *Entry) register(wire []byte) meterproto.Register {
	r := meterproto.Register{Kind: e.Kind, Unit: e.Unit, Storage: e.Storage, Raw: wire}
	if e.None != nil && bytes.Equal(wire, e.None) {
		r.State = meterproto.NoValue
		return r
	}
	if e.Type == ASCII {
		if !printed(wire) {
			r.State = meterproto.Invalid
		}
		return r
	}
	if e.Kind == meterproto.OfIdentity || e.Kind == meterproto.OfStatus {
		return r
	}
	var room [8]byte
	d, state := e.Type.decimal(e.Order.straighten(room[:0], wire))
	scale := int(d.Scale) + int(e.Scale)
	if state == meterproto.Good && (scale < -100 || scale > 100) {
		state = meterproto.Invalid
	}
	if r.State = state; state == meterproto.Good {
		r.Value = meterproto.Decimal{Digits: d.Digits, Scale: int8(scale)}.To(e.Scale) // 2000.0 m³ is not known to the thousand only
	}
	if state == meterproto.Good {
		r.Span = e.Span
	}
	return r
}

// printed tells whether the registers hold text: printable, then padding.
func printed(wire []byte) bool {
	for _, x := range bytes.TrimRight(wire, "\x00 ") {
		if x < 0x20 || x > 0x7E {
			return false
		}
	}
	return true
}

// decimal reads a number whose highest byte comes first.
func (t Type) decimal(b []byte) (d meterproto.Decimal, state meterproto.State) {
	switch t {
	case U16:
		d.Digits = int64(binary.BigEndian.Uint16(b))
	case S16:
		d.Digits = int64(int16(binary.BigEndian.Uint16(b)))
	case U32:
		d.Digits = int64(binary.BigEndian.Uint32(b))
	case S32:
		d.Digits = int64(int32(binary.BigEndian.Uint32(b)))
	case U64:
		v := binary.BigEndian.Uint64(b)
		if v > math.MaxInt64 {
			return d, meterproto.Invalid
		}
		d.Digits = int64(v)
	case Float32:
		return shortest(float64(math.Float32frombits(binary.BigEndian.Uint32(b))), 32)
	case Float64:
		return shortest(math.Float64frombits(binary.BigEndian.Uint64(b)), 64)
	case BCD:
		return packed(b)
	}
	return d, meterproto.Good
}

// packed reads BCD digits.
func packed(b []byte) (meterproto.Decimal, meterproto.State) {
	if bcd.NoValue(b) {
		return meterproto.Decimal{}, meterproto.NoValue
	}
	v, err := bcd.Big(b)
	if err != nil {
		return meterproto.Decimal{}, meterproto.Invalid
	}
	return meterproto.Decimal{Digits: int64(v)}, meterproto.Good
}

// shortest is a float as the device's own display rounds it.
func shortest(v float64, bits int) (meterproto.Decimal, meterproto.State) {
	d, ok := meterproto.Shortest(v, bits)
	if !ok {
		return d, meterproto.Invalid
	}
	return d, meterproto.Good
}
