package modbus

import (
	"slices"

	"github.com/vendgate/vendgate/meterproto"
)

// Map says what a device's registers mean. It comes from a file (DESIGN.md has
// its schema), never changes, and is safe for concurrent use.
type Map struct {
	name, title, source string
	most, gap           int
	entries             []Entry
	requests            []Message
}

// Entry is one value of a device.
type Entry struct {
	Name    string
	Read    Function // ReadHoldingRegisters or ReadInputRegisters
	Address uint16   // of its first register, counted from 0 as on the wire
	Size    int      // in registers
	Type    Type
	Order   Order
	Scale   int8 // the value counts 10^Scale of its unit
	Unit    meterproto.Unit
	Kind    meterproto.Kind
	Storage uint64 // 0: now; n: the n-th stored value
	Span    int64  // of what counts up: after how many steps of 10^Scale it begins again; 0: not known
	None    []byte // what the device sends where it has no value, as on the wire; nil where it has no such mark
}

// Type is how registers hold a value.
type Type string

// The types.
const (
	U16     Type = "u16"
	S16     Type = "s16"
	U32     Type = "u32"
	S32     Type = "s32"
	U64     Type = "u64"
	Float32 Type = "float32" // IEEE 754
	Float64 Type = "float64"
	BCD     Type = "bcd"   // two digits a byte, up to 4 registers
	ASCII   Type = "ascii" // two characters a register, padded with NUL or blanks
	Bits    Type = "bits"
)

// registers is how many registers the type takes, 0 where the map says it.
func (t Type) registers() int {
	switch t {
	case U16, S16:
		return 1
	case U32, S32, Float32:
		return 2
	case U64, Float64:
		return 4
	}
	return 0
}

// span is after how many steps a number of this type begins again, where it has so many registers; 0 where nobody knows. What
// has a sign or is a float ends before its type does.
func (t Type) span(registers int) int64 {
	switch t {
	case U16:
		return 1 << 16
	case U32:
		return 1 << 32
	case BCD:
		return meterproto.SpanOfDigits(4 * registers)
	}
	return 0
}

// number tells whether the type holds a number.
func (t Type) number() bool { return t != ASCII && t != Bits }

// Order is in which order the bytes of a value are sent, A being the highest.
type Order string

// The orders, as makers write them down for two registers; of four, words and
// bytes are turned in the same way.
const (
	ABCD Order = "ABCD" // as the standard sends a register
	CDAB Order = "CDAB" // the lowest register first
	BADC Order = "BADC" // the bytes of each register turned
	DCBA Order = "DCBA" // both
)

// straighten copies a value of at most 8 bytes to dst, the highest byte first.
func (o Order) straighten(dst, wire []byte) []byte {
	dst = append(dst, wire...)
	if o == CDAB || o == DCBA {
		slices.Reverse(dst)
	}
	if o == CDAB || o == BADC {
		for i := 0; i+1 < len(dst); i += 2 {
			dst[i], dst[i+1] = dst[i+1], dst[i]
		}
	}
	return dst
}

// Name is the map's name.
func (m *Map) Name() string { return m.name }

// Title says in a line which devices have it.
func (m *Map) Title() string { return m.title }

// Source says where it is known from.
func (m *Map) Source() string { return m.source }

// Entries are the values, in the order in which Requests read them.
func (m *Map) Entries() []Entry { return slices.Clone(m.entries) }

// Requests are the fewest that read every value: none is longer than the device
// allows, none reads more registers between two values than the map permits, and
// no value is torn in two.
func (m *Map) Requests() []Message { return slices.Clone(m.requests) }

// end is the register behind the entry.
func (e Entry) end() int { return int(e.Address) + e.Size }

// plan groups entries that are sorted into requests: from the first that is not
// read yet as far as one request may go, which no other grouping undercuts.
func plan(entries []Entry, most, gap int) (requests []Message) {
	for len(entries) > 0 {
		first, end, n := entries[0], entries[0].end(), 1
		for ; n < len(entries); n++ {
			next := entries[n]
			if next.Read != first.Read || int(next.Address) > end+gap || next.end() > int(first.Address)+most {
				break
			}
			end = next.end()
		}
		requests = append(requests, Message{
			Kind: ReadRequest, Function: first.Read, Address: first.Address, Quantity: uint16(end - int(first.Address)),
		})
		entries = entries[n:]
	}
	return requests
}
