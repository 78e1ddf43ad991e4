package modbus

import "encoding/binary"

// maxMessage is the longest message (§4.1).
const maxMessage = 253

// Decode reads b, which must be one message of that side and nothing else. What
// it accepts, AppendTo writes again as the same bytes. Errors: ErrIncomplete,
// *FormError, *RangeError.
func Decode(b []byte, from Side) (Message, error) {
	if len(b) == 0 {
		return Message{}, ErrIncomplete
	}
	if len(b) > maxMessage {
		return Message{}, malformed(maxMessage, "%d bytes, at most %d", len(b), maxMessage)
	}
	size, at := messageSize(b, from)
	switch {
	case size == noSize:
		return Message{}, malformed(at, "%02X is impossible there in a %v", b[at], from)
	case size == openSize || size > len(b):
		return Message{}, ErrIncomplete
	case size != foreignSize && size < len(b):
		return Message{}, malformed(size, "%d bytes follow the message", len(b)-size)
	}
	return parse(b, from)
}

// What messageSize says where it knows no number.
const (
	openSize    = 0  // more bytes are needed to know
	noSize      = -1 // no message begins like that
	foreignSize = -2 // a function whose messages are not known
)

// messageSize is the size that the message at the beginning of b says it has.
// at is the byte that told it.
func messageSize(b []byte, from Side) (size, at int) {
	if len(b) == 0 {
		return openSize, 0
	}
	f := Function(b[0])
	if f&exceptionBit != 0 {
		if from == Request || f == exceptionBit {
			return noSize, 0
		}
		return 2, 0
	}
	switch kindOf(f, from) {
	case Foreign:
		if f == 0 {
			return noSize, 0
		}
		return foreignSize, 0
	case ReadReply:
		return counted(b, 1, f.size(f.most()), f.bits())
	case WriteRequest:
		return counted(b, 5, f.size(f.most()), f.bits())
	}
	return 5, 0
}

// counted is the size of a message whose byte at holds how many bytes follow.
func counted(b []byte, at, most int, odd bool) (size, told int) {
	if len(b) <= at {
		return openSize, at
	}
	n := int(b[at])
	if n == 0 || n > most || n%2 != 0 && !odd {
		return noSize, at
	}
	return at + 1 + n, at
}

// parse reads a message that has its size.
func parse(b []byte, from Side) (Message, error) {
	f := Function(b[0] &^ exceptionBit)
	m := Message{Kind: kindOf(f, from), Function: f}
	if b[0]&exceptionBit != 0 {
		m.Kind = Exception
	}
	at := 1
	switch m.Kind {
	case Exception:
		if m.Code = ExceptionCode(b[1]); m.Code == 0 {
			return Message{}, malformed(1, "exception code 0")
		}
		return m, nil
	case Foreign:
		m.Data = b[1:]
		return m, nil
	case ReadReply:
		m.Data = b[2:]
		return m, nil
	case WriteSingle:
		m.Address, m.Value = pair(b)
		at = 3
	default:
		m.Address, m.Quantity = pair(b)
		if m.Kind == WriteRequest {
			m.Data, at = b[6:], 5
		}
	}
	switch reason := m.wrongParts(); {
	case reason == "":
		return m, nil
	case m.Data == nil: // the size is the function's own: nothing contradicts it
		return Message{}, &RangeError{&FormError{at, reason}, m}
	default:
		return Message{}, malformed(at, "%s", reason)
	}
}

func pair(b []byte) (uint16, uint16) {
	return binary.BigEndian.Uint16(b[1:]), binary.BigEndian.Uint16(b[3:])
}
