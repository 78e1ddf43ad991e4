package iec62056

// Decode reads b, which must be one message and nothing else, with nothing more
// to come. Fields are appended to room, so that who hands its memory in again
// allocates nothing. Errors: ErrIncomplete, *FormError, *CheckError; a CRC of P1
// that is wrong is no error, but the seal BrokenCRC.
//
// What Next cannot know, the end of b tells: an identification stands alone, a
// readout has lost its block check, ACK or NAK is an answer, data sets that begin
// at once have lost their head.
func Decode(b []byte, room []Field) (Message, error) {
	m, size, f := reader{b, true}.message(room)
	if f.kind != none {
		return Message{}, f.err()
	}
	if size != len(b) {
		return Message{}, &FormError{size, "something follows the message"}
	}
	return m, nil
}

// Next finds the first whole message in what a line gave: behind wake-up bytes,
// noise, the tail of a telegram. A message is known by its grammar and what seals
// it; its end is never searched for.
//
// It returns the message, how many bytes were skipped before it and what follows
// it. Where there is no whole message, err is ErrIncomplete, skipped counts the
// bytes that can be thrown away, and rest begins with the first byte that may
// still become a message. Fields are appended to room.
func Next(stream []byte, room []Field) (m Message, skipped int, rest []byte, err error) {
	keep := len(stream)
	for i, b := range stream {
		if b != '/' && b != soh && b != stx && b != ack {
			continue
		}
		m, size, f := reader{stream[i:], false}.message(room)
		if f.kind == none {
			return m, i, stream[i+size:], nil
		}
		if f.kind == cut {
			keep = min(keep, i)
		}
	}
	return Message{}, keep, stream[keep:], ErrIncomplete
}
