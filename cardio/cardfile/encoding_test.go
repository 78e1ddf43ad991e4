package cardfile

import (
	"bytes"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"
)

// TestChecksums holds each algorithm against the check value that its catalogue gives for "123456789".
func TestChecksums(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"sum8": "dd", "sum8-not": "22", "sum8-neg": "23", "sum16-be": "01dd", "sum16-le": "dd01", "xor8": "31",
		"crc8": "f4", "crc8-maxim": "a1", "crc16-ccitt-false-be": "29b1", "crc16-xmodem-be": "31c3", "crc16-x25-le": "6e90",
		"crc16-modbus-be": "4b37", "crc16-arc-be": "bb3d", "crc32-be": "cbf43926", "crc32-le": "2639f4cb",
	} {
		k := &check{Kind: kind, Offset: 9}
		k.Size, _ = k.resolve()
		got, err := k.compute([]byte("123456789    "), nil, Keys{})
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s: %x, %v, want %s", kind, got, err, want)
		}
	}
}

// TestSpellings gives one example of each encoding, both ways, and one of what it refuses.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		field field
		bytes string
		value any
		not   string // is no such value
	}{
		"uint-be":           {field{Size: 3}, "01e240", int64(123456), ""},
		"uint-le":           {field{Size: 3}, "40e201", int64(123456), ""},
		"bcd-be":            {field{Size: 3}, "123456", int64(123456), "12345a"},
		"bcd-le":            {field{Size: 3}, "563412", int64(123456), "a03412"},
		"mixed":             {field{Size: 3, Radix: []int64{10, 100, 10}}, "011704", int64(1234), "01640a"},
		"date-yymmdd":       {field{Size: 3}, "260301", int64(1772323200), "261301"},
		"date-yyyymmdd":     {field{Size: 4}, "20260301", int64(1772323200), "20260230"},
		"time-yymmddhhmmss": {field{Size: 6}, "260301235958", int64(1772409598), "260301245958"},
		"digits":            {field{Size: 4}, "12345fff", "12345", "12f45fff"},
		"pairs":             {field{Size: 4}, "0c22384e", "12345678", "0c223864"},
		"ascii":             {field{Size: 4}, "41423100", "AB1", "41420a00"},
		"hex":               {field{Size: 2}, "00ff", "00ff", ""},
	} {
		f := test.field
		f.Encoding, f.Name = name, "x"
		f.coding, _ = encodingOf(name)
		b, _ := hex.DecodeString(test.bytes)
		v := Values{}
		if !f.read(b, v) || v["x"] != test.value {
			t.Errorf("%s: %s is %v, want %v", name, test.bytes, v["x"], test.value)
		}
		again := make([]byte, f.Size)
		if err := f.write(again, Values{"x": test.value}); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: %v is %x, %v", name, test.value, again, err)
		}
		if bad, _ := hex.DecodeString(test.not); test.not != "" && f.read(bad, v) {
			t.Errorf("%s: %s was taken for %v", name, test.not, v["x"])
		}
	}
}

// TestOneSpelling: whatever bytes an encoding takes, the value spells those bytes and no others.
func TestOneSpelling(t *testing.T) {
	t.Parallel()
	names := []string{"uint-be", "uint-le", "bcd-be", "bcd-le", "mixed", "digits", "pairs", "ascii", "hex", "bits",
		"date-yymmdd", "date-yyyymmdd", "time-yymmddhhmmss"}
	rapid.Check(t, func(rt *rapid.T) {
		f := field{Name: "x", Encoding: rapid.SampledFrom(names).Draw(rt, "encoding"), Size: rapid.IntRange(1, 8).Draw(rt, "size")}
		f.Scale = rapid.SampledFrom([]int64{0, 1, 10, 100}).Draw(rt, "scale")
		f.coding, _ = encodingOf(f.Encoding)
		switch {
		case f.Encoding == "mixed":
			f.Radix = rapid.SliceOfN(rapid.Int64Range(2, 256), f.Size, f.Size).Draw(rt, "radix")
		case f.Encoding == "bits":
			f.Bits = []string{"a", "", "b"}
		case f.dateSize() > 0:
			f.Size = f.dateSize()
		}
		b := rapid.SliceOfN(rapid.OneOf(rapid.Byte(), rapid.ByteRange(0, 9), rapid.Just(byte(0xFF))), f.Size, f.Size).Draw(rt, "bytes")
		v := Values{}
		if !f.read(b, v) {
			return
		}
		again := make([]byte, f.Size)
		if err := f.write(again, v); err != nil || !bytes.Equal(again, b) {
			rt.Fatalf("%x is %v, which is %x, %v", b, v, again, err)
		}
	})
}

// TestLimits holds what a field refuses to spell.
func TestLimits(t *testing.T) {
	t.Parallel()
	low, high := int64(2), int64(99)
	number := field{Name: "x", Encoding: "uint-be", Size: 1, Scale: 10, Min: &low, Max: &high}
	text := field{Name: "x", Encoding: "digits", Size: 4, Min: &low}
	number.coding, _ = encodingOf("uint-be")
	text.coding, _ = encodingOf("digits")
	for _, test := range []struct {
		field field
		value any
		ok    bool
	}{
		{number, int64(20), true}, {number, int64(990), true}, {number, int64(10), false}, {number, int64(1000), false},
		{number, int64(25), false}, {number, int64(-20), false}, {number, "20", false},
		{text, "12", true}, {text, "12345678", true}, {text, "1", false}, {text, "123456789", false}, {text, "1a", false}, {text, int64(12), false},
	} {
		b := make([]byte, test.field.Size)
		if err := test.field.write(b, Values{"x": test.value}); (err == nil) != test.ok {
			t.Errorf("%v: %v", test.value, err)
		}
	}
	if (&number).read([]byte{1}, Values{}) || (&number).read([]byte{100}, Values{}) || !(&number).read([]byte{99}, Values{}) {
		t.Error("limits do not hold for what is read")
	}
}
