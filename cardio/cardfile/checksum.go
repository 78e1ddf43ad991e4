package cardfile

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
)

// MACKey computes AES-CMAC.
type MACKey interface {
	CMAC(message []byte) ([16]byte, error)
}

// Keys are those that a layout's MACs name; one that none of them names may be nil.
type Keys struct {
	Purse     MACKey // vendor to meter
	WriteBack MACKey // meter to vendor
}

func (k Keys) named(name string) MACKey {
	if name == "write-back" {
		return k.WriteBack
	}
	return k.Purse
}

const kindCMAC = "cmac"

// sumKinds are the checksums without a polynomial: their size, and how they come from the bytes.
func sumKind(kind string) (size int, sum func([]byte) uint64) {
	add := func(b []byte) (s uint64) {
		for _, x := range b {
			s += uint64(x)
		}
		return s
	}
	switch kind {
	case "sum8":
		return 1, add
	case "sum8-not": // ones' complement
		return 1, func(b []byte) uint64 { return ^add(b) }
	case "sum8-neg": // all bytes and the sum give 0
		return 1, func(b []byte) uint64 { return -add(b) }
	case "sum16":
		return 2, add
	case "xor8":
		return 1, func(b []byte) (s uint64) {
			for _, x := range b {
				s ^= uint64(x)
			}
			return s
		}
	}
	return 0, nil
}

// crc is a cyclic check as the catalogue of parametrised CRC algorithms describes it (reveng.sourceforge.io).
type crc struct {
	width      int
	poly, init uint64
	reflected  bool
	xorout     uint64
}

// crcKind finds one of the catalogue's by our name.
func crcKind(kind string) (crc, bool) {
	c, ok := map[string]crc{
		"crc8":              {8, 0x07, 0, false, 0},
		"crc8-maxim":        {8, 0x31, 0, true, 0},
		"crc16-ccitt-false": {16, 0x1021, 0xFFFF, false, 0},
		"crc16-xmodem":      {16, 0x1021, 0, false, 0},
		"crc16-x25":         {16, 0x1021, 0xFFFF, true, 0xFFFF},
		"crc16-modbus":      {16, 0x8005, 0xFFFF, true, 0},
		"crc16-arc":         {16, 0x8005, 0, true, 0},
		"crc32":             {32, 0x04C11DB7, 0xFFFFFFFF, true, 0xFFFFFFFF},
	}[kind]
	return c, ok
}

func (c crc) sum(b []byte) uint64 {
	top, mask := uint64(1)<<(c.width-1), uint64(1)<<c.width-1
	r := c.init
	for _, x := range b {
		if c.reflected {
			x = bits.Reverse8(x)
		}
		r ^= uint64(x) << (c.width - 8)
		for range 8 {
			if r&top != 0 {
				r = r<<1 ^ c.poly
			} else {
				r <<= 1
			}
		}
		r &= mask
	}
	if c.reflected {
		r = bits.Reverse64(r) >> (64 - c.width)
	}
	return r ^ c.xorout
}

// resolve finds the algorithm of a checksum and says how many bytes it has.
func (c *check) resolve() (size int, ok bool) {
	kind := c.kind()
	if size, c.sum = sumKind(kind); c.sum != nil {
		return size, true
	}
	crc, ok := crcKind(kind)
	if ok {
		c.sum = crc.sum
	}
	return crc.width / 8, ok
}

// kind is the algorithm: the name without the byte order at its end.
func (c *check) kind() string {
	return strings.TrimSuffix(strings.TrimSuffix(c.Kind, "-le"), "-be")
}

// over is the part of a record's bytes that is checked.
func (c *check) over(b []byte) []byte {
	if c.To == 0 {
		return b[c.From:c.Offset]
	}
	return b[c.From:c.To]
}

// compute gives the check's bytes for a record. prefix stands before it in a MAC.
func (c *check) compute(b, prefix []byte, keys Keys) ([]byte, error) {
	if c.Kind == kindCMAC {
		tag, err := keys.named(c.Key).CMAC(append(append([]byte{}, prefix...), c.over(b)...))
		if err != nil {
			return nil, fmt.Errorf("compute a MAC: %w", err)
		}
		return tag[:c.Size], nil
	}
	sum := c.sum(c.over(b))
	if strings.HasSuffix(c.Kind, "-le") {
		return binary.LittleEndian.AppendUint64(nil, sum)[:c.Size], nil
	}
	return binary.BigEndian.AppendUint64(nil, sum)[8-c.Size:], nil
}

// verify tells whether the record's check is right: ErrMAC or ErrSum, or the key's own error.
func (c *check) verify(b, prefix []byte, keys Keys) error {
	want, err := c.compute(b, prefix, keys)
	if err == nil && subtle.ConstantTimeCompare(want, b[c.Offset:c.Offset+c.Size]) != 1 {
		if err = ErrSum; c.Kind == kindCMAC {
			err = ErrMAC
		}
	}
	return err
}
