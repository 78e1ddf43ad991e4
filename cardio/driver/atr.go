package driver

import (
	"bytes"
	"slices"
)

// chip is one line of the ATR table: which answers to reset are this chip, and
// where in them its serial number stands.
type chip struct {
	chip        Chip
	value, mask []byte // of equal length, which is the length of the ATR
	serial      int    // offset of the eight bytes of the serial number, 0 for none
}

// chips is the ATR table. The CPU card's serial number is in the historical
// bytes, so that a chip has an identity before it has any file [U: bytes and
// place differ between makers' batches].
var chips = [...]chip{
	{
		chip: FMCOS,
		// TS, T0 = TB1 TC1 and 14 historical bytes: 86 "FMCOS" serial(8)
		value:  []byte{0x3B, 0x6E, 0, 0, 0x86, 'F', 'M', 'C', 'O', 'S', 0, 0, 0, 0, 0, 0, 0, 0},
		mask:   []byte{0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0},
		serial: 10,
	},
	plain(SLE4442, 0x3B, 0x04, 0xA2, 0x13, 0x10, 0x91), // cards.md §3
	plain(SLE4428, 0x3B, 0x04, 0x92, 0x23, 0x10, 0x91), // [M] some lists call it the SLE4442
	plain(Mifare1K, contactless(0x01)...),
	plain(Mifare4K, contactless(0x02)...),
}

// contactless is the ATR that a reader makes for a storage card of that kind (PC/SC part 3), TCK at its end.
func contactless(kind byte) []byte {
	atr := []byte{0x3B, 0x8F, 0x80, 0x01, 0x80, 0x4F, 0x0C, 0xA0, 0, 0, 0x03, 0x06, 0x03, 0x00, kind, 0, 0, 0, 0}
	check := byte(0)
	for _, b := range atr[1:] {
		check ^= b
	}
	return append(atr, check)
}

// silent are the chips that have no ATR of their own: a reader makes one up,
// "I2C." in one line of pcsc-tools' list [U]. A reader with another one is configured.
var (
	silent = [...]Chip{AT24C01, AT24C02, AT24C04, AT24C08, AT24C16, AT24C32, AT24C64, AT24C128, AT24C256, AT24C512,
		AT88SC102, AT88SC1608}
	silentATR = []byte{0x3B, 0x04, 'I', '2', 'C', '.'}
)

// plain is a line for an ATR that is always the same.
func plain(c Chip, atr ...byte) chip {
	return chip{chip: c, value: atr, mask: slices.Repeat([]byte{0xFF}, len(atr))}
}

// Identify looks up the ATR of a CPU card: its chip and serial number, and false
// for any other card.
func Identify(atr []byte) (name Chip, uid [8]byte, ok bool) {
	for _, c := range chips {
		if c.serial > 0 && c.fits(atr) {
			return c.chip, [8]byte(atr[c.serial : c.serial+8]), true
		}
	}
	return "", uid, false
}

// Candidates are the chips that may have answered with that ATR, none for an
// unknown one. Where there are several, the content decides: a layout is tried
// on each that it is made for, and reading harms none.
func Candidates(atr []byte) (out []Chip) {
	for _, c := range chips {
		if c.fits(atr) {
			out = append(out, c.chip)
		}
	}
	if bytes.Equal(atr, silentATR) {
		out = append(out, silent[:]...)
	}
	return out
}

func (c chip) fits(atr []byte) bool {
	if len(atr) != len(c.value) {
		return false
	}
	for i, b := range atr {
		if b&c.mask[i] != c.value[i]&c.mask[i] {
			return false
		}
	}
	return true
}
