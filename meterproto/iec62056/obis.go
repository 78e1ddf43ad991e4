package iec62056

// OBIS is the code of what a data set holds (IEC 62056-61), A-B:C.D.E*F. A group
// that was not sent is Absent.
type OBIS struct {
	A uint8 // medium: 0 the device itself, 1 electricity, 5 and 6 cooling and heat, 7 gas, 8 and 9 cold and hot water
	B uint8 // channel: which part of the device
	C uint8 // quantity
	D uint8 // how it was processed
	E uint8 // tariff
	F uint8 // stored value
}

// Absent is a group that was not sent.
const Absent = 255

// The letters that stand for groups (IEC 62056-61, reduced codes).
const (
	generalService = 96 // C
	generalError   = 97 // F
	listObject     = 98 // L
	dataProfile    = 99 // P
)

// ParseOBIS reads an address as a code: the full form or any part of it from C
// and D on. ok is false where the address is none.
func ParseOBIS(address []byte) (code OBIS, ok bool) {
	code = OBIS{Absent, Absent, Absent, Absent, Absent, Absent}
	rest := address
	if n, after, ok := group(rest, '-'); ok {
		code.A, rest = n, after
	}
	if n, after, ok := group(rest, ':'); ok {
		code.B, rest = n, after
	}
	if code.C, rest, ok = group(rest, '.'); !ok {
		return OBIS{}, false
	}
	if code.D, rest, ok = number(rest); !ok {
		return OBIS{}, false
	}
	if len(rest) > 0 && rest[0] == '.' {
		if code.E, rest, ok = number(rest[1:]); !ok {
			return OBIS{}, false
		}
	}
	if len(rest) > 0 && (rest[0] == '*' || rest[0] == '&') { // &: stored by hand
		if code.F, rest, ok = number(rest[1:]); !ok {
			return OBIS{}, false
		}
	}
	return code, len(rest) == 0
}

// group reads a number and the mark behind it.
func group(b []byte, mark byte) (n uint8, rest []byte, ok bool) {
	n, rest, ok = number(b)
	if !ok || len(rest) == 0 || rest[0] != mark {
		return 0, b, false
	}
	return n, rest[1:], true
}

// number reads up to three digits, 0 to 255, or one letter.
func number(b []byte) (n uint8, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, b, false
	}
	switch b[0] {
	case 'C':
		return generalService, b[1:], true
	case 'F':
		return generalError, b[1:], true
	case 'L':
		return listObject, b[1:], true
	case 'P':
		return dataProfile, b[1:], true
	}
	at, sum := 0, 0
	for at < len(b) && at < 3 && b[at] >= '0' && b[at] <= '9' {
		sum = sum*10 + int(b[at]-'0')
		at++
	}
	return uint8(sum), b[at:], at > 0 && sum <= 255
}

// Channel is the part of the device that the value is of, 0 the device itself.
func (c OBIS) Channel() uint16 {
	if c.B == Absent {
		return 0
	}
	return uint16(c.B)
}

// Tariff is the tariff of a value that is counted by tariff, 0 over all.
func (c OBIS) Tariff() uint32 {
	if c.E == Absent || c.D != timeIntegral && c.D != maximum {
		return 0
	}
	return uint32(c.E)
}

// Storage is 0 for a value of now and n+1 for the one that the meter numbers n:
// makers count stored values from 00, and 255 stands for now.
func (c OBIS) Storage() uint64 {
	if c.F == Absent {
		return 0
	}
	return uint64(c.F) + 1
}

// Groups D that change what a value is.
const (
	minimum       = 3
	maximum       = 6
	instantaneous = 7
	timeIntegral  = 8
)
