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

// decodeVIB reads the block at the beginning of b and its length.
func decodeVIB(b []byte) (v VIB, n int, err error) {
	if len(b) == 0 {
		return v, 0, fmt.Errorf("%w: a VIF is missing", ErrShort)
	}
	if b[0]&codeBits == vifText {
		return decodeTextVIB(b)
	}
	if v.VIF, n = b[0], 1; v.VIF&extended != 0 {
		v.VIFEs, n, err = decodeVIFEs(b, n)
	}
	return v, n, err
}

// decodeTextVIB reads a block whose unit is text. It stands right behind its VIF
// or, of some meters, behind the VIFEs: there where it has no room before them, or
// would be no text before them and is one behind them.
func decodeTextVIB(b []byte) (v VIB, n int, err error) {
	v, n, err = textFirst(b)
	fits := v.Text != nil
	if v.VIF&extended == 0 || fits && legible(v.Text) {
		return v, n, err
	}
	last, end, wrong := textLast(b)
	if wrong == nil && (!fits || len(last.Text) > 0 && legible(last.Text)) {
		return last, end, nil
	}
	return v, n, err
}

func textFirst(b []byte) (v VIB, n int, err error) {
	v.VIF = b[0]
	if n, err = v.decodeText(b, 1); err == nil && v.VIF&extended != 0 {
		v.VIFEs, n, err = decodeVIFEs(b, n)
	}
	return v, n, err
}

func textLast(b []byte) (v VIB, n int, err error) {
	v.VIF, v.TextLast = b[0], true
	if v.VIFEs, n, err = decodeVIFEs(b, 1); err == nil {
		n, err = v.decodeText(b, n)
	}
	return v, n, err
}

// legible reports text without control characters.
func legible(text []byte) bool {
	for _, x := range text {
		if x < 0x20 || x == 0x7F {
			return false
		}
	}
	return true
}

// decodeText reads the text whose length byte is at at, and tells where it ends.
func (v *VIB) decodeText(b []byte, at int) (end int, err error) {
	if len(b) <= at || len(b) <= at+int(b[at]) {
		return at, fmt.Errorf("%w: the text of a VIF is missing", ErrShort)
	}
	end = at + 1 + int(b[at])
	v.Text = b[at+1 : end : end]
	return end, nil
}

// decodeVIFEs reads the VIFEs that begin at from, and tells where they end.
func decodeVIFEs(b []byte, from int) (vifes []byte, n int, err error) {
	n = from
	for more := true; more; n++ {
		if n-from >= MaxExtensions {
			return nil, n, fmt.Errorf("%w: more than %d VIFEs", ErrBadRecord, MaxExtensions)
		}
		if n >= len(b) {
			return nil, n, fmt.Errorf("%w: a VIFE is announced", ErrShort)
		}
		more = b[n]&extended != 0
	}
	return b[from:n:n], n, nil
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

// Secret reports an access code, a password or a key (codes 12 to 16 and 19 behind
// VIF FD): its data are shown to nobody.
func (v VIB) Secret() bool {
	if v.VIF != vifMain || len(v.VIFEs) == 0 {
		return false
	}
	code := v.VIFEs[0] & codeBits
	return code >= 0x12 && code <= 0x16 || code == 0x19
}
