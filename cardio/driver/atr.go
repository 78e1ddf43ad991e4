package driver

// chip is one line of the ATR table: which answers to reset are this chip, and
// where in them its serial number stands.
type chip struct {
	name        string
	value, mask []byte // of equal length, which is the length of the ATR
	serial      int    // offset of the eight bytes of the serial number
}

// chips is the ATR table of the CPU cards that this driver knows. The serial
// number is in the historical bytes, so that a chip has an identity before it
// has any file [U: bytes and place differ between makers' batches].
var chips = [...]chip{
	{
		name: "FMCOS CPU card",
		// TS, T0 = TB1 TC1 and 14 historical bytes: 86 "FMCOS" serial(8)
		value:  []byte{0x3B, 0x6E, 0, 0, 0x86, 'F', 'M', 'C', 'O', 'S', 0, 0, 0, 0, 0, 0, 0, 0},
		mask:   []byte{0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0},
		serial: 10,
	},
}

// Identify looks an ATR up: the chip's name and serial number, and false for a
// chip that is not in the table.
func Identify(atr []byte) (name string, uid [8]byte, ok bool) {
	for _, c := range chips {
		if c.fits(atr) {
			return c.name, [8]byte(atr[c.serial : c.serial+8]), true
		}
	}
	return "", uid, false
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
