package mbus

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Primary addresses with a meaning of their own (EN 13757-2, 5.6). Meters have
// 1 to MaxPrimary; 0 is one that got none yet.
const (
	MaxPrimary byte = 250
	Selected   byte = 253 // the meter that was selected by its secondary address
	Anyone     byte = 254 // every meter, and each answers
	Broadcast  byte = 255 // every meter, and none answers
)

// What stands for anything in a secondary address.
const (
	AnyDigit        = 0xF
	AnyID           = 0xFFFFFFFF
	AnyManufacturer = 0xFFFF
	AnyByte         = 0xFF // as version or medium
)

// secondarySize is its size on the wire.
const secondarySize = 8

// ErrSecondary: text that is no secondary address.
var ErrSecondary = errors.New("not a secondary address: want 8 digits, or 16 with maker, version and medium, F for any")

// Secondary is a secondary address, or a mask of some. ID holds the eight
// printed digits as nibbles, 0x12345678; some meters have digits above nine.
type Secondary struct {
	ID              uint32
	Manufacturer    uint16
	Version, Medium byte
}

// Everyone is the mask that every meter matches.
func Everyone() Secondary {
	return Secondary{ID: AnyID, Manufacturer: AnyManufacturer, Version: AnyByte, Medium: AnyByte}
}

// ParseSecondary reads what String writes, or the eight digits only, where the
// rest stands for any.
func ParseSecondary(s string) (Secondary, error) {
	if len(s) == 8 {
		s += "FFFFFFFF"
	}
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil || len(s) != 2*secondarySize || strings.ToUpper(s) != s {
		return Secondary{}, fmt.Errorf("%w: %q", ErrSecondary, s)
	}
	return Secondary{ID: uint32(n >> 32), Manufacturer: uint16(n >> 16), Version: byte(n >> 8), Medium: byte(n)}, nil
}

// String is ID, maker's code, version and medium, 16 digits.
func (s Secondary) String() string {
	return fmt.Sprintf("%08X%04X%02X%02X", s.ID, s.Manufacturer, s.Version, s.Medium)
}

// Wild reports whether s is a mask of more than one address.
func (s Secondary) Wild() bool {
	for i := range 8 {
		if s.ID>>(4*i)&0xF == AnyDigit {
			return true
		}
	}
	return s.Manufacturer>>8 == AnyByte || s.Manufacturer&0xFF == AnyByte || s.Version == AnyByte || s.Medium == AnyByte
}

// Matches reports whether a meter with address m answers to the mask s: digits
// of the ID each by itself, the rest byte by byte (EN 13757-3, 11.3).
func (s Secondary) Matches(m Secondary) bool {
	for i := range 8 {
		if want := s.ID >> (4 * i) & 0xF; want != AnyDigit && want != m.ID>>(4*i)&0xF {
			return false
		}
	}
	return byteMatches(byte(s.Manufacturer>>8), byte(m.Manufacturer>>8)) &&
		byteMatches(byte(s.Manufacturer), byte(m.Manufacturer)) &&
		byteMatches(s.Version, m.Version) && byteMatches(s.Medium, m.Medium)
}

func byteMatches(mask, b byte) bool { return mask == AnyByte || mask == b }

// AppendTo appends the eight bytes of a selection or a long header.
func (s Secondary) AppendTo(dst []byte, o Order) []byte {
	dst = appendUint(dst, uint64(s.ID), 4, o)
	dst = appendUint(dst, uint64(s.Manufacturer), 2, o)
	return append(dst, s.Version, s.Medium)
}

// decodeSecondary reads eight bytes.
func decodeSecondary(b []byte, o Order) Secondary {
	return Secondary{
		ID: uint32(getUint(b[:4], o)), Manufacturer: uint16(getUint(b[4:6], o)), Version: b[6], Medium: b[7],
	}
}

// Secondary is the whole secondary address in a record, by which a master gives
// a meter a new one (EN 13757-3: VIF 79 with 64 bits).
func (r Record) Secondary() (s Secondary, ok bool) {
	if r.Coding != Int64 || r.VIF != vifIdentity {
		return s, false
	}
	return decodeSecondary(r.Data, r.Order), true
}

// ManufacturerName is the three letters of a maker's code (EN 13757-3, 5.6).
func ManufacturerName(code uint16) string {
	return string([]byte{'@' + byte(code>>10&0x1F), '@' + byte(code>>5&0x1F), '@' + byte(code&0x1F)})
}

// ParseManufacturer is the code of three capital letters.
func ParseManufacturer(name string) (uint16, error) {
	var code uint16
	for i := range len(name) {
		if name[i] < 'A' || name[i] > 'Z' {
			code, name = 0, ""
			break
		}
		code = code<<5 | uint16(name[i]-'@')
	}
	if len(name) != 3 {
		return 0, fmt.Errorf("a maker's code is three letters A to Z")
	}
	return code, nil
}
