package mbus

import "fmt"

// The sizes of the headers (EN 13757-3, table 2).
const (
	longHeaderSize  = 12
	shortHeaderSize = 4
)

// Header is what stands before the records. A short header has no Secondary.
type Header struct {
	Secondary
	Access byte // counts the meter's answers
	Status Status
	Config uint16 // "signature" in the edition of 2004: how the records are encrypted
}

// Status is the status byte (EN 13757-3, table 5).
type Status byte

// The bits of a Status. The three highest are the maker's.
const (
	PowerLow       Status = 0x04
	PermanentError Status = 0x08
	TemporaryError Status = 0x10

	applicationBits Status = 0x03
)

// Words names the bits that are set, of those the standard knows.
func (s Status) Words() []string {
	var words []string
	switch s & applicationBits {
	case 1:
		words = append(words, "application busy")
	case 2:
		words = append(words, "application error")
	case 3:
		words = append(words, "abnormal condition")
	}
	for _, bit := range []struct {
		is   Status
		name string
	}{{PowerLow, "power low"}, {PermanentError, "permanent error"}, {TemporaryError, "temporary error"}} {
		if s&bit.is != 0 {
			words = append(words, bit.name)
		}
	}
	return words
}

// decodeHeader reads the header that c has, and what follows it.
func decodeHeader(c CI, b []byte) (Header, []byte, error) {
	size := headerSize(c)
	if len(b) < size {
		return Header{}, nil, fmt.Errorf("%w: CI %v needs a header of %d bytes, %d are there", ErrShort, c, size, len(b))
	}
	var h Header
	rest, o := b[size:], c.order()
	b = b[:size]
	if size == longHeaderSize {
		h.Secondary = decodeSecondary(b, o)
		b = b[secondarySize:]
	}
	if len(b) == shortHeaderSize {
		h.Access, h.Status, h.Config = b[0], Status(b[1]), uint16(getUint(b[2:], o))
	}
	return h, rest, nil
}

func headerSize(c CI) int {
	switch c {
	case VariableLow, VariableHigh:
		return longHeaderSize
	case VariableShort:
		return shortHeaderSize
	}
	return 0
}

// appendTo appends the header as c has it: what c has no place for is left out.
func (h Header) appendTo(dst []byte, c CI) []byte {
	o, size := c.order(), headerSize(c)
	if size == longHeaderSize {
		dst = h.Secondary.AppendTo(dst, o)
	}
	if size != 0 {
		dst = appendUint(append(dst, h.Access, byte(h.Status)), uint64(h.Config), 2, o)
	}
	return dst
}

// mode is the encryption mode (EN 13757-3, table 6): bits 8 to 12.
func (h Header) mode() byte { return byte(h.Config >> 8 & 0x1F) }

// blockSize is that of AES.
const blockSize = 16

// sealed is how many of all bytes behind it the header says are encrypted, in a
// mode that encrypts. In modes 2 and 3 the word's low byte counts them (EN
// 13757-3:2004, signature); in 4 and 5 its bits 4 to 7 count blocks (2013, 5.12). The
// others count otherwise, and are taken to encrypt all.
func (h Header) sealed(all int) int {
	switch h.mode() {
	case 2, 3:
		return min(int(h.Config&0xFF), all)
	case 4, 5:
		return min(int(h.Config>>4&0xF)*blockSize, all)
	}
	return all
}

// encrypts reports a mode that the standards give to encryption. Old meters,
// whose standard gave the word no meaning, send other numbers there.
func encrypts(mode byte) bool {
	switch mode {
	case 2, 3, 4, 5, 7, 8, 9, 10, 13:
		return true
	}
	return false
}
