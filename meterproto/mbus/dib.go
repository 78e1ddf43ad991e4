package mbus

import (
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// MaxExtensions is the most DIFEs, and the most VIFEs, of a record (EN 13757-3,
// 6.3.2 and 6.3.3).
const MaxExtensions = 10

const extended = 0x80 // another byte of the same block follows

// Coding is how a record's data are coded (EN 13757-3, table 9).
type Coding uint8

// The codings.
const (
	NoData   Coding = 0x0
	Int8     Coding = 0x1
	Int16    Coding = 0x2
	Int24    Coding = 0x3
	Int32    Coding = 0x4
	Real32   Coding = 0x5
	Int48    Coding = 0x6
	Int64    Coding = 0x7
	Readout  Coding = 0x8 // selects the record for the next readout
	BCD2     Coding = 0x9
	BCD4     Coding = 0xA
	BCD6     Coding = 0xB
	BCD8     Coding = 0xC
	Variable Coding = 0xD // a length byte goes first
	BCD12    Coding = 0xE
	Special  Coding = 0xF
)

// LongestText is the highest length byte of Variable data that counts letters;
// those above it announce numbers.
const LongestText = 0xBF

// sizes of the data by coding. Variable and Special have their own.
var sizes = [16]uint8{0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6, 0}

// The special DIFs: what follows them is no record.
const (
	difMaker  = 0x0F // the maker's own data up to the end
	difMore   = 0x1F // the same, and the next answer goes on
	difFiller = 0x2F
	difGlobal = 0x7F // asks for everything
)

// DIB is a data information block: which value it is, and how it is coded.
type DIB struct {
	Coding   Coding
	Function meterproto.Function
	Storage  uint64 // 41 bits; 0 is now
	Tariff   uint32 // 20 bits
	Subunit  uint16 // 10 bits
	// Extensions is how many DIFEs there are at least: meters send more than the
	// numbers need.
	Extensions uint8
}

// decodeDIB reads the block at the beginning of b and its length.
func decodeDIB(b []byte) (DIB, int, error) {
	dif := b[0]
	d := DIB{Coding: Coding(dif & 0x0F), Function: functions[dif>>4&3], Storage: uint64(dif >> 6 & 1)}
	n := 1
	for more := dif&extended != 0; more; n++ {
		if n > MaxExtensions {
			return DIB{}, n, fmt.Errorf("%w: more than %d DIFEs", ErrBadRecord, MaxExtensions)
		}
		if n >= len(b) {
			return DIB{}, n, fmt.Errorf("%w: a DIFE is announced", ErrShort)
		}
		x, i := b[n], n-1
		d.Storage |= uint64(x&0x0F) << (1 + 4*i)
		d.Tariff |= uint32(x>>4&3) << (2 * i)
		d.Subunit |= uint16(x>>6&1) << i
		more = x&extended != 0
	}
	d.Extensions = uint8(n - 1)
	return d, n, nil
}

// functions are the function field's codes, in order (EN 13757-3, table 8).
var functions = [4]meterproto.Function{
	meterproto.Instantaneous, meterproto.Maximum, meterproto.Minimum, meterproto.DuringError,
}

// appendTo appends the block with as many DIFEs as it needs, or more where
// Extensions says so.
func (d DIB) appendTo(dst []byte) ([]byte, error) {
	if d.Storage>>41 != 0 || d.Tariff>>20 != 0 || d.Subunit>>10 != 0 || d.Coding > Special ||
		int(d.Function) >= len(functions) || d.Extensions > MaxExtensions {
		return dst, fmt.Errorf("%w: %+v has no place in a DIB", ErrBadRecord, d)
	}
	storage, tariff, subunit := d.Storage>>1, d.Tariff, d.Subunit
	b := byte(d.Coding) | byte(d.Function)<<4 | byte(d.Storage&1)<<6
	for n := uint8(0); n < d.Extensions || storage|uint64(tariff)|uint64(subunit) != 0; n++ {
		dst = append(dst, b|extended)
		b = byte(storage&0x0F) | byte(tariff&3)<<4 | byte(subunit&1)<<6
		storage, tariff, subunit = storage>>4, tariff>>2, subunit>>1
	}
	return append(dst, b), nil
}
