package modbus

import (
	"encoding/binary"
	"errors"
)

// Frame is a message with the unit that it goes to or comes from.
type Frame struct {
	Unit    byte
	Message Message
}

const (
	smallestRTU = 1 + 1 + crcSize
	maxRTU      = 1 + maxMessage + crcSize
)

// AppendRTU appends the frame as it is on a serial line. It fails as
// Message.AppendTo does.
func (f Frame) AppendRTU(dst []byte) ([]byte, error) {
	out, err := f.Message.AppendTo(append(dst, f.Unit))
	if err != nil {
		return dst, err
	}
	return binary.LittleEndian.AppendUint16(out, crc16(out[len(dst):])), nil
}

// DecodeRTU reads b, which must be one frame of a serial line and nothing else;
// of a foreign function, too, whose length only the silence around it tells.
// Errors: ErrIncomplete, *CRCError, *FormError, *RangeError. The frame's Data is a
// part of b.
func DecodeRTU(b []byte, from Side) (Frame, error) {
	if len(b) < smallestRTU {
		return Frame{}, ErrIncomplete
	}
	if len(b) > maxRTU {
		return Frame{}, malformed(maxRTU, "%d bytes, at most %d", len(b), maxRTU)
	}
	end := len(b) - crcSize
	if got, want := binary.LittleEndian.Uint16(b[end:]), crc16(b[:end]); got != want {
		return Frame{}, &CRCError{Got: got, Want: want}
	}
	m, err := Decode(b[1:end], from)
	if errors.Is(err, ErrIncomplete) {
		return Frame{}, malformed(end, "the CRC is right, but the message wants more bytes before it")
	}
	return Frame{b[0], m}, behind(1, err)
}

// NextRTU finds the first whole frame of that side in what a serial line gave:
// in noise, behind an echo, in front of the next frame. A frame is known by the
// length that its function and byte count tell, and by its CRC; a foreign
// function has no such length and is never found.
//
// It returns the frame, how many bytes were skipped before it and what follows
// it. Where there is no whole frame, err is ErrIncomplete, skipped counts the
// bytes that can be thrown away, and rest begins with the first byte that may
// still become a frame.
func NextRTU(stream []byte, from Side) (f Frame, skipped int, rest []byte, err error) {
	keep := len(stream)
	for i := range stream {
		f, size, more := startRTU(stream[i:], from)
		if size > 0 {
			return f, i, stream[i+size:], nil
		}
		if more {
			keep = min(keep, i)
		}
	}
	return Frame{}, keep, stream[keep:], ErrIncomplete
}

// startRTU reads the frame at the beginning of b: size is 0 where there is none,
// and more says that further bytes could make one.
func startRTU(b []byte, from Side) (f Frame, size int, more bool) {
	n, _ := messageSize(b[1:], from)
	if n < 0 {
		return Frame{}, 0, false
	}
	size = 1 + n + crcSize
	if n == openSize || size > len(b) {
		return Frame{}, 0, true
	}
	if crc16(b[:size]) != 0 {
		return Frame{}, 0, false
	}
	m, err := parse(b[1:1+n], from)
	if err != nil {
		return Frame{}, 0, false
	}
	return Frame{b[0], m}, size, false
}
