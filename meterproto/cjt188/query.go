package cjt188

import "fmt"

// DI is a data identifier: what a read asks for.
type DI uint16

// The data identifiers of the 2004 edition: what is read (§3) and what is
// written (§4).
const (
	DIFlow          DI = 0x901F // and heat: by length
	DIPrices        DI = 0x8102
	DISettlementDay DI = 0x8103
	DIReadingDay    DI = 0x8104
	DIPurchases     DI = 0x8105
	DIKeyVersion    DI = 0x8106 // control ReadKeyVersion
	DIAddress       DI = 0x810A // control ReadAddress
	DIHistory       DI = 0xD120 // the month before; the next is the month before that
	DIHistoryLast   DI = 0xD12B

	DISetPrices        DI = 0xA010
	DISetSettlementDay DI = 0xA011
	DISetReadingDay    DI = 0xA012
	DIPurchase         DI = 0xA013
	DISetKey           DI = 0xA014
	DISetTime          DI = 0xA015
	DISetBase          DI = 0xA016 // control WriteSync
	DISetValve         DI = 0xA017
	DISetAddress       DI = 0xA018 // control WriteAddress
	DIFactoryEnable    DI = 0xA019 // once, and for good
)

// The data identifiers of the 2018 edition that have a layout here, second-hand.
const (
	DIHeatCold DI = 0x911F
	DITime     DI = 0x907F

	DIChangeKey DI = 0xA107 // its layout is not known
)

// String is the identifier as the standard writes it.
func (d DI) String() string { return fmt.Sprintf("%04X", uint16(d)) }

// standard reports whether the 2004 edition has the identifier (§3, §4).
func (d DI) standard() bool {
	return d == DIFlow || d == DIAddress || d >= DIPrices && d <= DIKeyVersion ||
		d >= DISetPrices && d <= DIFactoryEnable || d >= DIHistory && d <= DIHistoryLast
}

// Known reports whether an edition of the standard, or a vendor we know of, has
// the identifier (§3, §4, §7).
func (d DI) Known() bool {
	if d.standard() || d>>8 >= 0xD2 && d>>8 <= 0xD4 || d >= 0xA101 && d <= 0xA107 {
		return true
	}
	switch d {
	case DIHeatCold, 0x902F, 0x903F, 0x904F, 0x905F, 0x906F, DITime,
		0x8120, 0x8121, 0x9097, 0xA020, 0xA021, 0xA022, 0xA0EC, 0xA119:
		return true
	}
	return false
}

// HoldsKey reports a command that carries a key: its values are shown to nobody.
func (d DI) HoldsKey() bool { return d == DISetKey || d == DIChangeKey }

// DIOrder is the order of the two bytes on the wire. The field knows both (§8
// item 1), and a meter may understand only one.
type DIOrder byte

const (
	HighFirst DIOrder = iota // 90 1F
	LowFirst                 // 1F 90
)

// diSize is the length of DI DI, querySize that of DI DI SER.
const (
	diSize    = 2
	querySize = diSize + 1
)

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

// decodeQuery reads DI DI SER.
func decodeQuery(b []byte) Query {
	di, order := decodeDI(b)
	return Query{DI: di, Order: order, SER: b[diSize]}
}

// decodeDI reads DI DI. The order is that in which the two bytes are a known
// identifier; where both or none are, they are taken low byte first, as all
// multi-byte fields of the standard are.
func decodeDI(b []byte) (DI, DIOrder) {
	high, low := DI(b[0])<<8|DI(b[1]), DI(b[1])<<8|DI(b[0])
	if high.Known() && !low.Known() {
		return high, HighFirst
	}
	return low, LowFirst
}

// Request is the frame that asks meter a, of type t, to do what the control byte
// and the query say, with these values.
func Request(c Control, t byte, a Address, q Query, values []byte) Frame {
	return Frame{Type: t, Address: a, Control: c, Data: append(q.AppendTo(nil), values...)}
}

// ReadRequest is the frame that asks meter a, of type t, the query.
func ReadRequest(t byte, a Address, q Query) Frame { return Request(ReadData, t, a, q, nil) }

// DecodeRequest reads a frame that Request made with this control byte; values
// are a part of its Data. It fails with ErrMalformed where the frame is anything
// else.
func DecodeRequest(c Control, f Frame) (q Query, values []byte, err error) {
	if f.Control != c || len(f.Data) < querySize {
		return Query{}, nil, fmt.Errorf("%w: control %v with %d bytes is no request %v", ErrMalformed, f.Control, len(f.Data), c)
	}
	return decodeQuery(f.Data), f.Data[querySize:], nil
}
