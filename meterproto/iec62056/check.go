package iec62056

import "math/bits"

// bcc is the block check (ISO 1155): all bytes behind the first SOH or STX up to
// and with ETX or EOT, exclusive-ored.
func bcc(b []byte) (sum byte) {
	for _, x := range b {
		sum ^= x
	}
	return sum
}

// sum is the block check of Kamstrup's MULTICAL instead: the arithmetical sum of
// the same bytes, of which 7 bits are left (technical description 5512-313 §11.2).
func sum(b []byte) (sum byte) {
	for _, x := range b {
		sum += x
	}
	return sum & 0x7F
}

// sums tells whether the maker's meters use it.
func (i Identification) sums() bool { return string(i.Maker[:]) == "KAM" }

// crcStep is what four bits add to the CRC of P1: polynomial A001H, the low bit
// first, from 0 (DSMR P1 §6.2).
var crcStep = [16]uint16{
	0x0000, 0xCC01, 0xD801, 0x1400, 0xF001, 0x3C00, 0x2800, 0xE401,
	0xA001, 0x6C00, 0x7800, 0xB401, 0x5000, 0x9C01, 0x8801, 0x4400,
}

// crc16 is the CRC of a telegram from "/" to "!", both with it.
func crc16(b []byte) (crc uint16) {
	for _, x := range b {
		crc = crcNext(crc, x)
	}
	return crc
}

// crcRestored is crc16 with the CR that a text file has lost before each LF.
func crcRestored(b []byte) (crc uint16) {
	for i, x := range b {
		if x == '\n' && (i == 0 || b[i-1] != '\r') {
			crc = crcNext(crc, '\r')
		}
		crc = crcNext(crc, x)
	}
	return crc
}

func crcNext(crc uint16, x byte) uint16 {
	crc ^= uint16(x)
	crc = crc>>4 ^ crcStep[crc&15]
	return crc>>4 ^ crcStep[crc&15]
}

// StripParity gives the 7-bit text of what an 8-bit port took from a 7E1 line:
// the parity bit is cut off only where every byte proves it, and one at least
// has it set. ok is false, and b untouched text, where that is not so.
func StripParity(b []byte) (text []byte, ok bool) {
	for _, x := range b {
		if bits.OnesCount8(x)%2 != 0 {
			return b, false
		}
		ok = ok || x&0x80 != 0
	}
	if !ok {
		return b, false
	}
	text = make([]byte, len(b))
	for i, x := range b {
		text[i] = x & 0x7F
	}
	return text, true
}
