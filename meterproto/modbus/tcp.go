package modbus

import (
	"encoding/binary"
	"errors"
)

// headerSize is the MBAP header up to the unit, which its length counts:
// transaction, protocol 0, length.
const headerSize = 6

// AppendTCP appends the frame as it is on TCP, with the number by which the
// reply is known again. It fails as Message.AppendTo does.
func (f Frame) AppendTCP(dst []byte, transaction uint16) ([]byte, error) {
	out := append(appendPair(dst, transaction, 0), 0, 0, f.Unit)
	out, err := f.Message.AppendTo(out)
	if err != nil {
		return dst, err
	}
	binary.BigEndian.PutUint16(out[len(dst)+4:], uint16(len(out)-len(dst)-headerSize))
	return out, nil
}

// DecodeTCP reads b, which must be one frame of a TCP line and nothing else.
// Errors: ErrIncomplete, *FormError. The frame's Data is a part of b.
func DecodeTCP(b []byte, from Side) (f Frame, transaction uint16, err error) {
	size, err := sizeTCP(b)
	if err != nil {
		return Frame{}, 0, err
	}
	if size != len(b) {
		return Frame{}, 0, malformed(size, "%d bytes follow the frame", len(b)-size)
	}
	m, err := Decode(b[headerSize+1:], from)
	if errors.Is(err, ErrIncomplete) {
		return Frame{}, 0, malformed(4, "length %d is too small for the message", size-headerSize)
	}
	if err != nil {
		return Frame{}, 0, behind(headerSize+1, err)
	}
	return Frame{b[headerSize], m}, binary.BigEndian.Uint16(b), nil
}

// NextTCP reads the first frame of what a TCP connection gave, and what follows
// it. Nothing is searched: a header that is none means that the two sides no
// longer agree on where frames begin, and the connection must be given up.
// Errors as DecodeTCP; at ErrIncomplete, rest is the stream.
func NextTCP(stream []byte, from Side) (f Frame, transaction uint16, rest []byte, err error) {
	size, err := sizeTCP(stream)
	if err != nil {
		return Frame{}, 0, stream, err
	}
	f, transaction, err = DecodeTCP(stream[:size], from)
	return f, transaction, stream[size:], err
}

// sizeTCP is the size of the frame at the beginning of b, once b is that long.
func sizeTCP(b []byte) (int, error) {
	if len(b) < headerSize {
		return 0, ErrIncomplete
	}
	if protocol := binary.BigEndian.Uint16(b[2:]); protocol != 0 {
		return 0, malformed(2, "protocol %d, want 0", protocol)
	}
	n := int(binary.BigEndian.Uint16(b[4:]))
	if n < 2 || n > 1+maxMessage {
		return 0, malformed(4, "length %d, want 2 to %d", n, 1+maxMessage)
	}
	if len(b) < headerSize+n {
		return 0, ErrIncomplete
	}
	return headerSize + n, nil
}
