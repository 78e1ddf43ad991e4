package mbus

import (
	"errors"
	"fmt"
)

const (
	ackByte    = 0xE5
	shortStart = 0x10
	longStart  = 0x68
	stop       = 0x16

	shortSize = 5
	longHead  = 4 // 68 L L 68
	longExtra = longHead + 2
	smallestL = 3 // C A CI
	biggestL  = 255

	// MaxData is the longest Data of a frame.
	MaxData = biggestL - smallestL
	// MaxFrame is the longest frame.
	MaxFrame = longExtra + biggestL
)

// Why bytes are no frame. A wrong checksum is a *ChecksumError.
var (
	// ErrIncomplete: so far this could be a frame; bytes are missing.
	ErrIncomplete = errors.New("frame is cut short")
	// ErrMalformed: no further byte could make a frame of this.
	ErrMalformed = errors.New("not an M-Bus frame")
)

// ChecksumError is a frame whose sum is wrong.
type ChecksumError struct {
	Offset    int // of the sum, from the first byte of the frame
	Got, Want byte
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("checksum %02X at byte %d, want %02X", e.Got, e.Offset, e.Want)
}

// Kind is which of the frames of EN 13757-2 it is.
type Kind uint8

// The kinds. A control frame is a long frame without data.
const (
	Ack   Kind = iota // E5: understood
	Short             // C and A only
	Long
)

// Frame is one message. An Ack has nothing else, a Short neither CI nor Data.
// Data is nil where it is empty, and a part of the bytes that were decoded.
type Frame struct {
	Kind    Kind
	Control Control
	Address byte
	CI      CI
	Data    []byte
}

// AppendTo appends the frame. It fails with ErrMalformed, and returns dst
// unchanged, where Data is longer than MaxData or Control is none of its kind.
func (f Frame) AppendTo(dst []byte) ([]byte, error) {
	if f.Kind == Ack {
		return append(dst, ackByte), nil
	}
	if err := f.Control.check(f.Kind); err != nil {
		return dst, err
	}
	at := len(dst)
	switch {
	case f.Kind == Short:
		dst = append(dst, shortStart)
	case len(f.Data) > MaxData:
		return dst, fmt.Errorf("%w: %d bytes of data, at most %d", ErrMalformed, len(f.Data), MaxData)
	default:
		l := byte(smallestL + len(f.Data))
		dst = append(dst, longStart, l, l, longStart)
	}
	body := len(dst)
	dst = append(dst, byte(f.Control), f.Address)
	if f.Kind == Long {
		dst = append(append(dst, byte(f.CI)), f.Data...)
	}
	return append(dst, sum(dst[max(body, at):]), stop), nil
}

// Decode reads b, which must be one frame and nothing else. What it accepts,
// AppendTo writes again as the same bytes. Errors: ErrIncomplete, ErrMalformed,
// *ChecksumError.
func Decode(b []byte) (Frame, error) {
	f, n, err := decodePrefix(b)
	if err == nil && n != len(b) {
		return Frame{}, fmt.Errorf("%w: %d bytes follow it at byte %d", ErrMalformed, len(b)-n, n)
	}
	return f, err
}

// decodePrefix reads the frame at the beginning of b and its length.
func decodePrefix(b []byte) (Frame, int, error) {
	if len(b) == 0 {
		return Frame{}, 0, fmt.Errorf("%w: no byte at all", ErrIncomplete)
	}
	switch b[0] {
	case ackByte:
		return Frame{Kind: Ack}, 1, nil
	case shortStart:
		return decodeShort(b)
	case longStart:
		return decodeLong(b)
	}
	return Frame{}, 0, fmt.Errorf("%w: it begins with %02X, want 10, 68 or E5", ErrMalformed, b[0])
}

func decodeShort(b []byte) (Frame, int, error) {
	if len(b) < shortSize {
		return Frame{}, 0, fmt.Errorf("%w: %d bytes, want %d", ErrIncomplete, len(b), shortSize)
	}
	f := Frame{Kind: Short, Control: Control(b[1]), Address: b[2]}
	return f, shortSize, check(f, b[:shortSize], 1)
}

func decodeLong(b []byte) (Frame, int, error) {
	size, err := longSize(b)
	if err != nil {
		return Frame{}, 0, err
	}
	f := Frame{Kind: Long, Control: Control(b[4]), Address: b[5], CI: CI(b[6])}
	if size > longExtra+smallestL {
		f.Data = b[longHead+smallestL : size-2 : size-2]
	}
	return f, size, check(f, b[:size], longHead)
}

// longSize is the size that the long frame at the beginning of b says it has,
// once b is that long.
func longSize(b []byte) (int, error) {
	if len(b) > 1 && b[1] < smallestL {
		return 0, fmt.Errorf("%w: L is %02X at byte 1, at least %02X", ErrMalformed, b[1], smallestL)
	}
	if len(b) > 2 && b[1] != b[2] {
		return 0, fmt.Errorf("%w: length bytes %02X and %02X at byte 1 differ", ErrMalformed, b[1], b[2])
	}
	if len(b) > 3 && b[3] != longStart {
		return 0, fmt.Errorf("%w: second start byte %02X at byte 3, want %02X", ErrMalformed, b[3], longStart)
	}
	if len(b) < longHead {
		return 0, fmt.Errorf("%w: %d bytes, want at least %d", ErrIncomplete, len(b), longExtra+smallestL)
	}
	if size := longExtra + int(b[1]); len(b) >= size {
		return size, nil
	}
	return 0, fmt.Errorf("%w: %d bytes, L announces %d", ErrIncomplete, len(b), longExtra+int(b[1]))
}

// check is what all frames with a sum have in common: b is the whole frame,
// whose sum counts from byte body.
func check(f Frame, b []byte, body int) error {
	end := len(b) - 2
	if b[end+1] != stop {
		return fmt.Errorf("%w: it ends in %02X at byte %d, want %02X", ErrMalformed, b[end+1], end+1, stop)
	}
	if want := sum(b[body:end]); b[end] != want {
		return &ChecksumError{Offset: end, Got: b[end], Want: want}
	}
	return f.Control.check(f.Kind)
}

// sum is the checksum (EN 13757-2, 5.4): the bytes from C on, modulo 256.
func sum(b []byte) byte {
	var cs byte
	for _, x := range b {
		cs += x
	}
	return cs
}
