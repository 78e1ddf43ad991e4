package dlt645

import (
	"bytes"
	"errors"
	"fmt"
)

// Next finds the first whole frame in what a line gave: after a preamble, an
// echo, text of a modem or plain noise. A frame is known by its two start bytes,
// its length and its checksum; a stop byte is never searched for, since data and
// addresses may contain it.
//
// It returns the frame, whose Data is put into room as [Decode] does, how many
// bytes were skipped before it and what follows it. Where there is no whole
// frame, err is ErrIncomplete, skipped counts the bytes that can be thrown away,
// and rest begins with the first byte that may still become a frame: fewer bytes
// than the longest frame has.
//
// A start byte in noise may claim bytes of the real frame after it. The first
// frame that is whole therefore wins over an earlier one that is not, whose
// missing bytes may never come.
func Next(room, stream []byte) (f Frame, skipped int, rest []byte, err error) {
	keep := len(stream)
	for i := candidate(stream, 0); i < len(stream); i = candidate(stream, i+1) {
		n, err := frameSize(stream[i:])
		if err == nil {
			return open(room, stream[i:i+n]), i, stream[i+n:], nil
		}
		if errors.Is(err, ErrIncomplete) {
			keep = min(keep, i)
		}
	}
	return Frame{}, keep, stream[keep:], ErrIncomplete
}

// candidate is where the next frame may begin, from at on: a start byte that has
// the second one where it must be, or cannot have it yet.
func candidate(stream []byte, at int) int {
	for ; at < len(stream); at++ {
		n := bytes.IndexByte(stream[at:], start)
		if n < 0 {
			break
		}
		if at += n; at+secondAt >= len(stream) || stream[at+secondAt] == start {
			return at
		}
	}
	return len(stream)
}

// FrameError is where in a stream there is something like a frame, and what is
// wrong with it.
type FrameError struct {
	Offset int
	Err    error // ErrIncomplete, ErrMalformed or *ChecksumError
}

func (e *FrameError) Error() string { return fmt.Sprintf("at byte %d: %v", e.Offset, e.Err) }

// Unwrap is the reason.
func (e *FrameError) Unwrap() error { return e.Err }

// Explain says why a stream has no frame, as a *FrameError about the most likely
// beginning of one: the first that has both start bytes, else the first byte.
func Explain(stream []byte) error {
	at := candidate(stream, 0)
	if at == len(stream) {
		return &FrameError{Err: fmt.Errorf("%w: no start byte %02X with a second one %d bytes on", ErrMalformed, start, secondAt)}
	}
	_, err := frameSize(stream[at:])
	return &FrameError{Offset: at, Err: err}
}
