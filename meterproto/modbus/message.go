package modbus

import "encoding/binary"

// Kind is the form of a message.
type Kind uint8

// The forms. A WriteSingle is request and reply: the slave sends it back.
const (
	Foreign      Kind = iota // another function: Data is all that follows its code
	ReadRequest              // Address, Quantity (functions 1 to 4)
	ReadReply                // Data
	WriteSingle              // Address, Value (functions 5 and 6)
	WriteRequest             // Address, Quantity, Data (functions 15 and 16)
	WriteReply               // Address, Quantity
	Exception                // Code
)

// Side is who sends a message.
type Side uint8

// The sides.
const (
	Request Side = iota // the master
	Reply               // a slave
)

// String is the side in a word.
func (s Side) String() string {
	if s == Request {
		return "request"
	}
	return "reply"
}

// Message is one message: which parts of it are there, Kind says. Data of coils
// and inputs holds eight in a byte, the first in the lowest bit; of registers,
// two bytes each, the high byte first. A decoded message's Data is a part of the
// bytes it came from: copy it to keep it.
type Message struct {
	Kind     Kind
	Function Function
	Code     ExceptionCode
	Address  uint16
	Quantity uint16
	Value    uint16
	Data     []byte
}

// The two values of a coil (§6.5).
const (
	CoilOn  uint16 = 0xFF00
	CoilOff uint16 = 0x0000
)

// Registers appends the registers in Data.
func (m Message) Registers(dst []uint16) []uint16 {
	for b := m.Data; len(b) >= 2; b = b[2:] {
		dst = append(dst, binary.BigEndian.Uint16(b))
	}
	return dst
}

// Bit is the n-th coil or input in Data, counted from 0; false behind its end.
func (m Message) Bit(n int) bool {
	return n >= 0 && n/8 < len(m.Data) && m.Data[n/8]>>(n%8)&1 != 0
}

// Answers says why a reply is none to that request: *RefusalError where the
// slave refuses it, ErrStale where the reply belongs to another one.
func (m Message) Answers(request Message) error {
	switch {
	case m.Kind == Exception && m.Function == request.Function:
		return &RefusalError{m.Function, m.Code}
	case m.Function != request.Function || !m.matches(request):
		return stale(m, request)
	}
	return nil
}

// matches holds what a reply repeats, or how long it is, against its request.
func (m Message) matches(request Message) bool {
	switch m.Kind {
	case ReadReply:
		return request.Kind == ReadRequest && len(m.Data) == m.Function.size(int(request.Quantity))
	case WriteSingle:
		return request.Kind == WriteSingle && m.Address == request.Address && m.Value == request.Value
	case WriteReply:
		return request.Kind == WriteRequest && m.Address == request.Address && m.Quantity == request.Quantity
	}
	return m.Kind == Foreign && request.Kind == Foreign
}
