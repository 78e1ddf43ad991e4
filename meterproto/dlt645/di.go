package dlt645

import (
	"encoding/binary"
	"fmt"
)

const (
	diSize   = 4 // 2007
	diSize97 = 2
)

// DI is a data identifier of one of the two editions: what a read asks for.
type DI struct {
	Edition Edition
	Code    uint32 // DI3 DI2 DI1 DI0; DI1 DI0 in the edition of 1997
}

// ID is an identifier of the 2007 edition: ID(0x00010000) is forward active energy.
func ID(code uint32) DI { return DI{Edition: Of2007, Code: code} }

// ID97 is an identifier of the 1997 edition: ID97(0x9010).
func ID97(code uint16) DI { return DI{Edition: Of1997, Code: uint32(code)} }

// String is the identifier as the standards write it: 8 digits, or 4.
func (d DI) String() string { return fmt.Sprintf("%0*X", 2*d.size(), d.Code) }

// size is the identifier's length on the wire.
func (d DI) size() int {
	if d.Edition == Of1997 {
		return diSize97
	}
	return diSize
}

// appendTo appends the identifier, lowest byte first.
func (d DI) appendTo(dst []byte) []byte {
	if d.Edition == Of1997 {
		return binary.LittleEndian.AppendUint16(dst, uint16(d.Code))
	}
	return binary.LittleEndian.AppendUint32(dst, d.Code)
}

// cutDI takes the identifier from the beginning of DATA.
func cutDI(e Edition, data []byte) (d DI, rest []byte, err error) {
	d.Edition = e
	switch n := d.size(); {
	case len(data) < n:
		return DI{}, nil, fmt.Errorf("%w: %d bytes of data, want an identifier of %d", ErrMalformed, len(data), n)
	case e == Of1997:
		d.Code = uint32(binary.LittleEndian.Uint16(data))
	default:
		d.Code = binary.LittleEndian.Uint32(data)
	}
	return d, data[d.size():], nil
}

// CutDI takes the identifier from the data of a frame whose edition is known. It
// fails with ErrMalformed where there is none.
func (f Frame) CutDI() (d DI, rest []byte, err error) {
	edition := f.Edition()
	if edition == Unknown {
		return DI{}, nil, malformed(f, "frame with an identifier")
	}
	return cutDI(edition, f.Data)
}
