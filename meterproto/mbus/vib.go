package mbus

import "fmt"

// The VIFs that lead elsewhere (EN 13757-3, 6.4).
const (
	vifIdentity = 0x79 // the meter's number, or all of its secondary address

	vifText   = 0x7C // the unit is text
	vifMaker  = 0x7F // the maker's own
	vifMain   = 0xFD // the first VIFE is a code of the main extension table
	vifSecond = 0xFB // … of the alternate extension table

	codeBits = 0x7F // a VIF or VIFE without the extension bit
)

// VIB is a value information block: of what the value is. The bytes keep their
// extension bits; Text is the unit in the maker's words, as it was on the wire.
type VIB struct {
	VIF      byte
	Text     []byte
	TextLast bool // the text stands behind the VIFEs, not before them
	VIFEs    []byte
}

// decodeVIB reads the block at the beginning of b and its length. A text stands
// right behind its VIF or, of some meters, behind the VIFEs: there only where it
// cannot be before them.
func decodeVIB(b []byte) (VIB, int, error) {
	if len(b) == 0 {
		return VIB{}, 0, fmt.Errorf("%w: a VIF is missing", ErrShort)
	}
	v := VIB{VIF: b[0]}
	if v.VIF&codeBits != vifText {
		n, err := v.decodeVIFEs(b, 1)
		return v, n, err
	}
	n, fits := v.decodeText(b, 1)
	if fits {
		n, err := v.decodeVIFEs(b, n)
		return v, n, err
	}
	if n, err := v.decodeVIFEs(b, 1); err == nil && v.VIFEs != nil {
		v.TextLast = true
		if n, fits = v.decodeText(b, n); fits {
			return v, n, nil
		}
	}
	return VIB{}, n, fmt.Errorf("%w: the text of a VIF is missing", ErrShort)
}

// decodeText reads the text whose length byte is at n, and tells where it ends.
func (v *VIB) decodeText(b []byte, n int) (end int, fits bool) {
	if len(b) <= n || len(b) <= n+int(b[n]) {
		return n, false
	}
	end = n + 1 + int(b[n])
	v.Text = b[n+1 : end : end]
	return end, true
}

// decodeVIFEs reads the VIFEs that begin at from, and tells where they end.
func (v *VIB) decodeVIFEs(b []byte, from int) (n int, err error) {
	n = from
	for more := v.VIF&extended != 0; more; n++ {
		if n-from >= MaxExtensions {
			return n, fmt.Errorf("%w: more than %d VIFEs", ErrBadRecord, MaxExtensions)
		}
		if n >= len(b) {
			return n, fmt.Errorf("%w: a VIFE is announced", ErrShort)
		}
		more = b[n]&extended != 0
	}
	if n > from {
		v.VIFEs = b[from:n:n]
	}
	return n, nil
}

// appendTo appends the block. It refuses one whose extension bits do not fit
// its length.
func (v VIB) appendTo(dst []byte) ([]byte, error) {
	text := v.VIF&codeBits == vifText
	if !v.chained() || len(v.VIFEs) > MaxExtensions || len(v.Text) > MaxData || !text && len(v.Text) > 0 {
		return dst, fmt.Errorf("%w: VIF %02X with VIFEs %X and %d bytes of text", ErrBadRecord, v.VIF, v.VIFEs, len(v.Text))
	}
	dst = append(dst, v.VIF)
	if text && !v.TextLast {
		dst = append(append(dst, byte(len(v.Text))), v.Text...)
	}
	dst = append(dst, v.VIFEs...)
	if text && v.TextLast {
		dst = append(append(dst, byte(len(v.Text))), v.Text...)
	}
	return dst, nil
}

// chained reports whether every byte but the last announces the next.
func (v VIB) chained() bool {
	more := v.VIF&extended != 0
	for _, x := range v.VIFEs {
		if !more {
			return false
		}
		more = x&extended != 0
	}
	return !more
}

// code is the table and the code in it that say of what the value is, and the
// VIFEs that change it. ok is false where a table is named and the code is not.
func (v VIB) code() (table *[128]Quantity, code byte, changes []byte, ok bool) {
	switch v.VIF {
	case vifMain:
		table = &mainQuantities
	case vifSecond:
		table = &secondQuantities
	default:
		return &primaryQuantities, v.VIF & codeBits, v.VIFEs, true
	}
	if len(v.VIFEs) == 0 {
		return nil, 0, nil, false
	}
	return table, v.VIFEs[0] & codeBits, v.VIFEs[1:], true
}
