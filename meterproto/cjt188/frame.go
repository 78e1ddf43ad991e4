package cjt188

import (
	"bytes"
	"errors"
	"fmt"
)

const (
	start    = 0x68
	stop     = 0x16
	preamble = 0xFE

	typeAt     = 1
	addressAt  = 2
	controlAt  = 9
	lengthAt   = 10
	dataAt     = 11
	afterData  = 2 // CS and the stop byte
	smallest   = dataAt + afterData
	biggest    = smallest + MaxData // of the standard's functions
	maxWakeUps = 4                  // FE before a frame (§1)
)

// Why bytes are no frame. A wrong checksum is a *ChecksumError.
var (
	// ErrIncomplete: so far this could be a frame; bytes are missing.
	ErrIncomplete = errors.New("frame is cut short")
	// ErrMalformed: no further byte could make a frame of this.
	ErrMalformed = errors.New("not a CJ/T 188 frame")
)

// ChecksumError is a frame whose sum is wrong.
type ChecksumError struct{ Got, Want byte }

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("checksum %02X, want %02X", e.Got, e.Want)
}

// Frame is one message. Data is nil where it is empty; what was decoded shares it
// with the bytes it was decoded from.
type Frame struct {
	Type    byte
	Address Address
	Control Control
	Data    []byte
}

// AppendTo appends the frame, without preamble. It fails with ErrMalformed
// where Data is longer than the function allows; dst is then unchanged.
func (f Frame) AppendTo(dst []byte) ([]byte, error) {
	if n, most := len(f.Data), f.Control.maxData(); n > most {
		return dst, fmt.Errorf("%w: %d bytes of data, at most %d", ErrMalformed, n, most)
	}
	at := len(dst)
	dst = append(dst, start, f.Type)
	dst = append(dst, f.Address[:]...)
	dst = append(dst, byte(f.Control), byte(len(f.Data)))
	dst = append(dst, f.Data...)
	return append(dst, sum(dst[at:]), stop), nil
}

// AppendPreamble appends n wake-up bytes, as they go before a frame: two to four
// by the standard (§1), none for meters that need none.
func AppendPreamble(dst []byte, n int) ([]byte, error) {
	if n < 0 || n > maxWakeUps {
		return dst, fmt.Errorf("preamble of %d bytes: want 0 to %d", n, maxWakeUps)
	}
	return append(dst, bytes.Repeat([]byte{preamble}, n)...), nil
}

// Decode reads b, which must be one frame and nothing else. What it accepts,
// AppendTo writes again as the same bytes. Errors: ErrIncomplete, ErrMalformed,
// *ChecksumError. Data is a part of b: whoever keeps the frame clones it.
func Decode(b []byte) (Frame, error) {
	f, n, err := decodePrefix(b)
	if err == nil && n != len(b) {
		return Frame{}, fmt.Errorf("%w: %d bytes follow it", ErrMalformed, len(b)-n)
	}
	return f, err
}

// decodePrefix reads the frame at the beginning of b and its length.
func decodePrefix(b []byte) (Frame, int, error) {
	size, err := frameSize(b)
	if err != nil {
		return Frame{}, 0, err
	}
	end := size - afterData
	if b[size-1] != stop {
		return Frame{}, 0, fmt.Errorf("%w: it ends in %02X, want %02X", ErrMalformed, b[size-1], stop)
	}
	if want := sum(b[:end]); b[end] != want {
		return Frame{}, 0, &ChecksumError{Got: b[end], Want: want}
	}
	f := Frame{Type: b[typeAt], Control: Control(b[controlAt])}
	copy(f.Address[:], b[addressAt:controlAt])
	if end > dataAt {
		f.Data = b[dataAt:end:end]
	}
	return f, size, nil
}

// frameSize is the size that the frame at the beginning of b says it has, once b
// is that long.
func frameSize(b []byte) (int, error) {
	if len(b) > 0 && b[0] != start {
		return 0, fmt.Errorf("%w: it begins with %02X, want %02X", ErrMalformed, b[0], start)
	}
	if len(b) <= lengthAt {
		return 0, fmt.Errorf("%w: %d bytes, want at least %d", ErrIncomplete, len(b), smallest)
	}
	n, most := int(b[lengthAt]), Control(b[controlAt]).maxData()
	if n > most {
		return 0, fmt.Errorf("%w: L is %02XH, at most %02XH", ErrMalformed, n, most)
	}
	if size := smallest + n; len(b) >= size {
		return size, nil
	}
	return 0, fmt.Errorf("%w: %d bytes, want %d", ErrIncomplete, len(b), smallest+n)
}

// sum is CS (§1): all bytes from the start byte on, modulo 256.
func sum(b []byte) byte {
	var cs byte
	for _, x := range b {
		cs += x
	}
	return cs
}
