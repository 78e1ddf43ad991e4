package mbus

import (
	"errors"
	"fmt"
)

// Next finds the first whole frame in what a line gave: after an echo, after
// plain noise, before another frame. A frame is known by its length and
// checksum; a stop byte is never searched for, since data may contain it. An E5
// has neither, so it counts only where the stream begins with it.
//
// It returns the frame, how many bytes were skipped before it and what follows
// it. Where there is no whole frame, err is ErrIncomplete, skipped counts the
// bytes that can be thrown away, and rest begins with the first byte that may
// still become a frame: fewer bytes than the longest frame has.
//
// A start byte in noise may claim bytes of the real frame after it. The first
// frame that is whole therefore wins over an earlier one that is not, whose
// missing bytes may never come.
func Next(stream []byte) (f Frame, skipped int, rest []byte, err error) {
	keep := len(stream)
	for i, b := range stream {
		if b != longStart && b != shortStart && (b != ackByte || i > 0) {
			continue
		}
		f, n, err := decodePrefix(stream[i:])
		if err == nil {
			return f, i, stream[i+n:], nil
		}
		if errors.Is(err, ErrIncomplete) {
			keep = min(keep, i)
		}
	}
	return Frame{}, keep, stream[keep:], ErrIncomplete
}

// WhyNone is why Next finds nothing in stream: what is wrong with the frame that
// seems to begin first, and where it begins.
func WhyNone(stream []byte) error {
	for i, b := range stream {
		if b != longStart && b != shortStart {
			continue
		}
		if _, _, err := decodePrefix(stream[i:]); err != nil {
			return fmt.Errorf("frame at byte %d: %w", i, err)
		}
	}
	return fmt.Errorf("%w: no start byte 68 or 10 in %d bytes", ErrMalformed, len(stream))
}
