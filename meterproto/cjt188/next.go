package cjt188

import (
	"errors"
	"fmt"
)

var errNoStart = fmt.Errorf("no start byte %02X", start)

// Next finds the first whole frame in what a line gave: after a preamble, an
// echo, text of a modem or plain noise. A frame is known by its length and
// checksum; a stop byte is never searched for, since data may contain it.
//
// It returns the frame, how many bytes were skipped before it and what follows
// it. Where there is no whole frame, err is ErrIncomplete, skipped counts the
// bytes that can be thrown away, and rest begins with the first byte that may
// still become a frame: fewer bytes than the longest frame has.
//
// A start byte in noise may claim bytes of the real frame after it. The first
// frame that is whole therefore wins over an earlier one that is not, whose
// missing bytes may never come. Data is a part of the stream.
func Next(stream []byte) (f Frame, skipped int, rest []byte, err error) {
	keep := len(stream)
	for i, b := range stream {
		if b != start {
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

// WhyNone is why there is no frame in the stream: what is wrong with what comes
// nearest to one, and where.
func WhyNone(stream []byte) error {
	why := fmt.Errorf("%w: %w in %d bytes", ErrMalformed, errNoStart, len(stream))
	sure := false
	for i, b := range stream {
		if b != start || sure {
			continue
		}
		_, _, err := decodePrefix(stream[i:])
		_, sure = errors.AsType[*ChecksumError](err) // everything else about it is right
		if sure || errors.Is(why, errNoStart) {
			why = fmt.Errorf("at byte %d: %w", i, err)
		}
	}
	return why
}
