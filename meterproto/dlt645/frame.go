package dlt645

import (
	"errors"
	"fmt"
)

const (
	start    = 0x68
	stop     = 0x16
	preamble = 0xFE
	offset   = 0x33 // added to every byte of DATA

	addressAt  = 1
	secondAt   = 7 // the second start byte
	controlAt  = 8
	lengthAt   = 9
	dataAt     = 10
	afterData  = 2 // CS and the stop byte
	smallest   = dataAt + afterData
	maxWakeUps = 4 // FE before a frame (§1)

	// MaxData is the longest DATA of a frame (§1: 200 for reads; vendors write more than the 50 of the standard).
	MaxData = 200
	biggest = smallest + MaxData
)

// Why bytes are no frame, or a frame is not the message that was looked for. A
// wrong checksum is a *ChecksumError.
var (
	// ErrIncomplete: so far this could be a frame; bytes are missing.
	ErrIncomplete = errors.New("frame is cut short")
	// ErrMalformed: no further byte could make the frame or message of this.
	ErrMalformed = errors.New("not a DL/T 645 frame")
)

// ChecksumError is a frame whose sum is wrong.
type ChecksumError struct{ Got, Want byte }

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("checksum %02X, want %02X", e.Got, e.Want)
}

// Frame is one message. Data is as it is meant, without the 33H of the wire.
type Frame struct {
	Address Address
	Control Control
	Data    []byte
}

// AppendTo appends the frame, without preamble. It fails with ErrMalformed
// where Data is longer than MaxData; dst is then unchanged.
func (f Frame) AppendTo(dst []byte) ([]byte, error) {
	if n := len(f.Data); n > MaxData {
		return dst, fmt.Errorf("%w: %d bytes of data, at most %d", ErrMalformed, n, MaxData)
	}
	at := len(dst)
	dst = append(dst, start)
	dst = append(dst, f.Address[:]...)
	dst = append(dst, start, byte(f.Control), byte(len(f.Data)))
	for _, b := range f.Data {
		dst = append(dst, b+offset)
	}
	return append(dst, sum(dst[at:]), stop), nil
}

// AppendPreamble appends n wake-up bytes, as they go before a frame: four by the
// standard, none for meters that need none.
func AppendPreamble(dst []byte, n int) ([]byte, error) {
	if n < 0 || n > maxWakeUps {
		return dst, fmt.Errorf("preamble of %d bytes: want 0 to %d", n, maxWakeUps)
	}
	for range n {
		dst = append(dst, preamble)
	}
	return dst, nil
}

// Decode reads b, which must be one frame and nothing else. What it accepts,
// AppendTo writes again as the same bytes. Errors: ErrIncomplete, ErrMalformed,
// *ChecksumError.
//
// Data is put into room, from its beginning; room may be nil, and grows where it
// has less than MaxData. The frame keeps no part of b.
func Decode(room, b []byte) (Frame, error) {
	size, err := frameSize(b)
	if err == nil && size != len(b) {
		err = fmt.Errorf("%w: %d bytes follow it", ErrMalformed, len(b)-size)
	}
	if err != nil {
		return Frame{}, err
	}
	return open(room, b), nil
}

// open takes a frame that is whole out of its wire form.
func open(room, b []byte) Frame {
	f := Frame{Address: Address(b[addressAt:secondAt]), Control: Control(b[controlAt])}
	f.Data = append(room[:0], b[dataAt:len(b)-afterData]...)
	for i := range f.Data {
		f.Data[i] -= offset
	}
	return f
}

// frameSize is the size of the frame at the beginning of b, which is whole and
// has its checksum.
func frameSize(b []byte) (int, error) {
	if err := checkHead(b); err != nil {
		return 0, err
	}
	size := smallest + int(b[lengthAt])
	if len(b) < size {
		return 0, fmt.Errorf("%w: %d bytes, want %d", ErrIncomplete, len(b), size)
	}
	if b[size-1] != stop {
		return 0, fmt.Errorf("%w: it ends in %02X, want %02X", ErrMalformed, b[size-1], stop)
	}
	end := size - afterData
	if want := sum(b[:end]); b[end] != want {
		return 0, &ChecksumError{Got: b[end], Want: want}
	}
	return size, nil
}

// checkHead looks at what there is of the ten bytes before DATA.
func checkHead(b []byte) error {
	switch {
	case len(b) > 0 && b[0] != start:
		return fmt.Errorf("%w: it begins with %02X, want %02X", ErrMalformed, b[0], start)
	case len(b) > secondAt && b[secondAt] != start:
		return fmt.Errorf("%w: %02X after the address, want %02X", ErrMalformed, b[secondAt], start)
	case len(b) > lengthAt && b[lengthAt] > MaxData:
		return fmt.Errorf("%w: L is %02XH, at most %02XH", ErrMalformed, b[lengthAt], MaxData)
	case len(b) < dataAt:
		return fmt.Errorf("%w: %d bytes, want at least %d", ErrIncomplete, len(b), smallest)
	}
	return nil
}

// sum is CS (§1): all bytes from the first start byte on, modulo 256.
func sum(b []byte) byte {
	var cs byte
	for _, x := range b {
		cs += x
	}
	return cs
}
