package cjt188

import "fmt"

// DI is a data identifier: what a read asks for.
type DI uint16

// The data identifiers read here (§3). DI 8105 belongs to prepaid meters.
const (
	DIFlow      DI = 0x901F
	DIPurchases DI = 0x8105
)

// String is the identifier as the standard writes it.
func (d DI) String() string { return fmt.Sprintf("%04X", uint16(d)) }

// standard reports whether the 2004 edition has the identifier (§3, §4).
func (d DI) standard() bool {
	switch {
	case d == DIFlow, d == 0x810A:
		return true
	case d >= 0x8102 && d <= 0x8106, d >= 0xA010 && d <= 0xA019, d >= 0xD120 && d <= 0xD12B:
		return true
	}
	return false
}

// DIOrder is the order of the two bytes on the wire. The field knows both (§8
// item 1), and a meter may understand only one.
type DIOrder byte

const (
	HighFirst DIOrder = iota // 90 1F
	LowFirst                 // 1F 90
)

// querySize is the length of DI DI SER.
const querySize = 3

// Query is the head of a read: what is asked, and the number of the request.
type Query struct {
	DI    DI
	Order DIOrder
	SER   byte
}

// AppendTo appends DI DI SER.
func (q Query) AppendTo(dst []byte) []byte {
	hi, lo := byte(q.DI>>8), byte(q.DI)
	if q.Order == LowFirst {
		hi, lo = lo, hi
	}
	return append(dst, hi, lo, q.SER)
}

// decodeQuery reads DI DI SER. The order is that in which the two bytes are an
// identifier of the standard; others are taken low byte first, as all its
// multi-byte fields are.
func decodeQuery(b []byte) Query {
	if d := DI(b[0])<<8 | DI(b[1]); d.standard() {
		return Query{DI: d, Order: HighFirst, SER: b[2]}
	}
	return Query{DI: DI(b[1])<<8 | DI(b[0]), Order: LowFirst, SER: b[2]}
}

// ReadRequest is the frame that asks meter a, of type t, the query.
func ReadRequest(t byte, a Address, q Query) Frame {
	return Frame{Type: t, Address: a, Control: ReadData, Data: q.AppendTo(nil)}
}

// DecodeReadRequest reads a frame that ReadRequest made. It fails with
// ErrMalformed where the frame is anything else.
func DecodeReadRequest(f Frame) (Query, error) {
	if f.Control != ReadData || len(f.Data) != querySize {
		return Query{}, fmt.Errorf("%w: control %v with %d bytes is no read request", ErrMalformed, f.Control, len(f.Data))
	}
	return decodeQuery(f.Data), nil
}
