package modbus

import (
	"encoding/binary"
	"fmt"
)

// AppendTo appends the message without unit and CRC. It fails with ErrMalformed,
// and returns dst unchanged, where no slave or master may send such a message.
func (m Message) AppendTo(dst []byte) ([]byte, error) {
	if reason := m.wrong(); reason != "" {
		return dst, fmt.Errorf("%w: %v: %s", ErrMalformed, m.Function, reason)
	}
	out := append(dst, byte(m.Function))
	switch m.Kind {
	case Exception:
		out[len(dst)] |= exceptionBit
		return append(out, byte(m.Code)), nil
	case ReadReply:
		out = append(out, byte(len(m.Data)))
	case WriteSingle:
		return appendPair(out, m.Address, m.Value), nil
	case ReadRequest, WriteReply:
		return appendPair(out, m.Address, m.Quantity), nil
	case WriteRequest:
		out = append(appendPair(out, m.Address, m.Quantity), byte(len(m.Data)))
	}
	return append(out, m.Data...), nil
}

func appendPair(dst []byte, a, b uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(dst, a), b)
}

// kindOf is the form of a function's messages.
func kindOf(f Function, from Side) Kind {
	kinds := [2]Kind{Foreign, Foreign}
	switch f {
	case ReadCoils, ReadDiscreteInputs, ReadHoldingRegisters, ReadInputRegisters:
		kinds = [2]Kind{ReadRequest, ReadReply}
	case WriteSingleCoil, WriteSingleRegister:
		kinds = [2]Kind{WriteSingle, WriteSingle}
	case WriteMultipleCoils, WriteMultipleRegisters:
		kinds = [2]Kind{WriteRequest, WriteReply}
	}
	return kinds[from]
}

// wrong says what the standard forbids in the message, "" where nothing.
func (m Message) wrong() string {
	switch {
	case m.Function == 0 || m.Function&exceptionBit != 0:
		return "no function code"
	case m.Kind == Exception && m.Code == 0:
		return "an exception without a code"
	case m.Kind == Exception:
		return ""
	case m.Kind != kindOf(m.Function, Request) && m.Kind != kindOf(m.Function, Reply):
		return "the function has no such message"
	}
	return m.wrongParts()
}

func (m Message) wrongParts() string {
	size := m.Function.size(int(m.Quantity))
	switch m.Kind {
	case WriteSingle:
		if m.Function == WriteSingleCoil && m.Value != CoilOn && m.Value != CoilOff {
			return fmt.Sprintf("a coil is set to FF00 or 0000, not %04X", m.Value)
		}
		return ""
	case Foreign:
		if len(m.Data) > maxMessage-1 {
			return fmt.Sprintf("%d bytes of data, at most %d", len(m.Data), maxMessage-1)
		}
		return ""
	case ReadReply:
		return wrongCount(m.Function, len(m.Data))
	case WriteRequest:
		if len(m.Data) != size {
			return fmt.Sprintf("%d bytes of data, want %d", len(m.Data), size)
		}
	}
	return wrongRange(m.Function, m.Address, m.Quantity)
}

// wrongRange holds a quantity and an address against the function's limits.
func wrongRange(f Function, address, quantity uint16) string {
	switch {
	case quantity == 0 || int(quantity) > f.most():
		return fmt.Sprintf("quantity %d, want 1 to %d", quantity, f.most())
	case int(address)+int(quantity) > 1<<16:
		return fmt.Sprintf("%d from %d on end behind 65535", quantity, address)
	}
	return ""
}

// wrongCount holds the byte count of a reply to a read against the function's.
func wrongCount(f Function, n int) string {
	if n == 0 || n > f.size(f.most()) || !f.bits() && n%2 != 0 {
		return fmt.Sprintf("byte count %d, want 1 to %d, of registers an even one", n, f.size(f.most()))
	}
	return ""
}
