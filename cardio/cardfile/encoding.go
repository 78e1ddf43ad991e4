package cardfile

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// encoding turns the bytes of a field into a value and back. A value is an int64 or a string. Both ways tell by
// false of bytes or values that are not spelled so.
type encoding struct {
	text   bool // the value is a string
	decode func(f *field, b []byte) (any, bool)
	encode func(f *field, b []byte, v any) bool // b is the field's place
}

// encodings are all that a layout may name. A number of n bytes has at most 63 bits.
func encodingOf(name string) (encoding, bool) {
	e, ok := map[string]encoding{
		"uint-be":           {decode: number(bigEndian), encode: place(bigEndian)},
		"uint-le":           {decode: number(littleEndian), encode: place(littleEndian)},
		"bcd-be":            {decode: number(bcdBig), encode: place(bcdBig)},
		"bcd-le":            {decode: number(bcdLittle), encode: place(bcdLittle)},
		"mixed":             {decode: number(mixed), encode: place(mixed)},
		"date-yymmdd":       {decode: date("060102"), encode: putDate("060102")},
		"date-yyyymmdd":     {decode: date("20060102"), encode: putDate("20060102")},
		"time-yymmddhhmmss": {decode: date("060102150405"), encode: putDate("060102150405")},
		"bits":              {decode: number(bigEndian), encode: place(bigEndian)},
		"digits":            {text: true, decode: readDigits, encode: putDigits},
		"pairs":             {text: true, decode: readPairs, encode: putPairs},
		"ascii":             {text: true, decode: readASCII, encode: putASCII},
		"hex":               {text: true, decode: readHex, encode: putHex},
	}[name]
	return e, ok
}

// digit gives the weight of each byte of a number, the first one first, and whether a byte counts tens and ones.
type base func(f *field) (radix []int64, little, bcd bool)

func bigEndian(f *field) ([]int64, bool, bool)    { return repeated(256, f.Size), false, false }
func littleEndian(f *field) ([]int64, bool, bool) { return repeated(256, f.Size), true, false }
func bcdBig(f *field) ([]int64, bool, bool)       { return repeated(100, f.Size), false, true }
func bcdLittle(f *field) ([]int64, bool, bool)    { return repeated(100, f.Size), true, true }
func mixed(f *field) ([]int64, bool, bool)        { return f.Radix, false, false }

func repeated(v int64, n int) []int64 { return slices.Repeat([]int64{v}, n) }

// number reads a number whose bytes count as the base says.
func number(of base) func(*field, []byte) (any, bool) {
	return func(f *field, b []byte) (any, bool) {
		radix, little, bcd := of(f)
		if b = slices.Clone(b); little {
			slices.Reverse(b)
		}
		var v int64
		for i, x := range b {
			digit := int64(x)
			if bcd {
				digit = int64(x>>4)*10 + int64(x&0xF)
			}
			if digit >= radix[i] || bcd && (x>>4 > 9 || x&0xF > 9) || v > (1<<63-1-digit)/radix[i] {
				return nil, false
			}
			v = v*radix[i] + digit
		}
		return v, true
	}
}

// place writes a number as number reads it.
func place(of base) func(*field, []byte, any) bool {
	return func(f *field, b []byte, value any) bool {
		v, ok := value.(int64)
		radix, little, bcd := of(f)
		for i := len(b) - 1; i >= 0; i-- {
			digit := byte(v % radix[i])
			if v /= radix[i]; bcd {
				digit = digit/10<<4 | digit%10
			}
			b[i] = digit
		}
		if little {
			slices.Reverse(b)
		}
		return ok && v == 0
	}
}

// date reads packed decimal digits as seconds since 1970, as if the meter's clock were UTC. All zero is no date: 0.
func date(layout string) func(*field, []byte) (any, bool) {
	return func(_ *field, b []byte) (any, bool) {
		if uniform(b, 0) {
			return int64(0), true
		}
		t, err := time.Parse(layout, hex.EncodeToString(b))
		return t.Unix(), err == nil && t.Unix() != 0
	}
}

func putDate(layout string) func(*field, []byte, any) bool {
	return func(_ *field, b []byte, value any) bool {
		v, ok := value.(int64)
		if !ok || v == 0 {
			clear(b)
			return ok
		}
		digits, err := hex.DecodeString(time.Unix(v, 0).UTC().Format(layout))
		return err == nil && copy(b, digits) == len(digits)
	}
}

// readDigits unpacks the decimal digits of a number, the first ones first; F fills the rest.
func readDigits(_ *field, b []byte) (any, bool) {
	s := strings.TrimRight(hex.EncodeToString(b), "f")
	return s, s != "" && !strings.ContainsFunc(s, notDigit)
}

func putDigits(_ *field, b []byte, value any) bool {
	s, ok := value.(string)
	if !ok || s == "" || len(s) > 2*len(b) || strings.ContainsFunc(s, notDigit) {
		return false
	}
	packed, err := hex.DecodeString(s + strings.Repeat("f", 2*len(b)-len(s)))
	return err == nil && copy(b, packed) == len(b)
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// readPairs reads two decimal digits a byte, the byte being their number: 0C 22 is 1234 (cards.md §6).
func readPairs(_ *field, b []byte) (any, bool) {
	var s strings.Builder
	for _, x := range b {
		if x > 99 {
			return nil, false
		}
		s.WriteString(string([]byte{'0' + x/10, '0' + x%10}))
	}
	return s.String(), true
}

func putPairs(_ *field, b []byte, value any) bool {
	s, ok := value.(string)
	if !ok || len(s) != 2*len(b) || strings.ContainsFunc(s, notDigit) {
		return false
	}
	for i := range b {
		b[i] = (s[2*i]-'0')*10 + s[2*i+1] - '0'
	}
	return true
}

// pad is the byte that fills what is left of a text.
func (f *field) pad() byte {
	if len(f.Pad) == 1 {
		return f.Pad[0]
	}
	return 0
}

func readASCII(f *field, b []byte) (any, bool) {
	s := strings.TrimRight(string(b), string([]byte{f.pad()}))
	return s, !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func putASCII(f *field, b []byte, value any) bool {
	s, ok := value.(string)
	for i := range b[copy(b, s):] {
		b[len(s)+i] = f.pad()
	}
	return ok && len(s) <= len(b)
}

func readHex(_ *field, b []byte) (any, bool) { return hex.EncodeToString(b), true }

func putHex(_ *field, b []byte, value any) bool {
	s, _ := value.(string)
	bytes, err := hex.DecodeString(s)
	return err == nil && len(bytes) == len(b) && copy(b, bytes) == len(b)
}
