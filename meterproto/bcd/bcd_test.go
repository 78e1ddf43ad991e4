package bcd_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/bcd"
)

func TestKnownDigits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field       []byte
		big, little uint64
	}{
		{[]byte{0x00}, 0, 0},
		{[]byte{0x42}, 42, 42},
		{[]byte{0x12, 0x34}, 1234, 3412},
		{[]byte{0x78, 0x56, 0x34, 0x12}, 78563412, 12345678},
		{[]byte{0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99, 0x99}, 9999999999999999, 9999999999999999},
	} {
		if v, err := bcd.Big(c.field); err != nil || v != c.big {
			t.Errorf("Big(%X) = %d, %v; want %d", c.field, v, err, c.big)
		}
		if v, err := bcd.Little(c.field); err != nil || v != c.little {
			t.Errorf("Little(%X) = %d, %v; want %d", c.field, v, err, c.little)
		}
	}
}

func TestHexDigitIsNamedWhereItStands(t *testing.T) {
	t.Parallel()
	field := []byte{0x12, 0x3A, 0xF4, 0x56}
	for name, c := range map[string]struct {
		read func([]byte) (uint64, error)
		want bcd.DigitError
	}{
		"big":    {bcd.Big, bcd.DigitError{Offset: 1, Byte: 0x3A}},
		"little": {bcd.Little, bcd.DigitError{Offset: 2, Byte: 0xF4}},
	} {
		_, err := c.read(field)
		got, ok := errors.AsType[*bcd.DigitError](err)
		if !ok || *got != c.want {
			t.Errorf("%s: got %v, want %v", name, err, &c.want)
		}
	}
	if !bytes.Equal(field, []byte{0x12, 0x3A, 0xF4, 0x56}) {
		t.Errorf("reading changed the field: %X", field)
	}
}

func TestSizeIsChecked(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, bcd.MaxSize + 1} {
		_, big := bcd.Big(make([]byte, n))
		_, little := bcd.Little(make([]byte, n))
		_, appended := bcd.AppendLittle(nil, 0, n)
		for _, err := range []error{big, little, appended} {
			if !errors.Is(err, bcd.ErrSize) {
				t.Errorf("%d bytes: got %v", n, err)
			}
		}
	}
}

func TestNumberTooLongForItsField(t *testing.T) {
	t.Parallel()
	dst := []byte{0xAB}
	got, err := bcd.AppendBig(dst, 100, 1)
	if r, ok := errors.AsType[*bcd.RangeError](err); !ok || r.Value != 100 || r.Size != 1 {
		t.Errorf("got %v", err)
	}
	if !bytes.Equal(got, dst) {
		t.Errorf("dst became %X", got)
	}
}

func TestNoValue(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		"": false, "\x99": true, "\xFF\xFF\xFF\xFF": true, "\x99\x99": true,
		"\x99\xFF": false, "\x99\x98": false, "\x00\x00": false, "\x98\x99": false,
	} {
		if got := bcd.NoValue([]byte(field)); got != want {
			t.Errorf("NoValue(%X) = %v", field, got)
		}
	}
}

func TestNumberSurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, bcd.MaxSize).Draw(t, "size")
		limit := uint64(1)
		for range size {
			limit *= 100
		}
		v := rapid.Uint64Range(0, limit-1).Draw(t, "v")
		big, err := bcd.AppendBig([]byte{0xEE}, v, size)
		if err != nil || big[0] != 0xEE || len(big) != size+1 {
			t.Fatalf("AppendBig: %X, %v", big, err)
		}
		little, err := bcd.AppendLittle(nil, v, size)
		if err != nil {
			t.Fatal(err)
		}
		b, err1 := bcd.Big(big[1:])
		l, err2 := bcd.Little(little)
		if b != v || l != v || err1 != nil || err2 != nil {
			t.Fatalf("%d came back as %d, %v and %d, %v", v, b, err1, l, err2)
		}
		slices.Reverse(little)
		if !bytes.Equal(big[1:], little) {
			t.Fatalf("orders differ: %X, %X", big[1:], little)
		}
	})
}

// FuzzBCD: what is read is written back as the same bytes, and what is refused
// has a nibble above nine or a wrong size.
func FuzzBCD(f *testing.F) {
	f.Add([]byte{0x12, 0x34})
	f.Add([]byte{0x1A})
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{0x99}, 9))
	f.Fuzz(func(t *testing.T, field []byte) {
		v, err := bcd.Little(field)
		if err == nil {
			back, err := bcd.AppendLittle(nil, v, len(field))
			if err != nil || !bytes.Equal(back, field) {
				t.Fatalf("%X read as %d, written as %X, %v", field, v, back, err)
			}
			return
		}
		if digit, ok := errors.AsType[*bcd.DigitError](err); ok {
			if x := field[digit.Offset]; x != digit.Byte || x>>4 <= 9 && x&15 <= 9 {
				t.Fatalf("%X: refused wrongly: %v", field, err)
			}
		} else if n := len(field); n >= 1 && n <= bcd.MaxSize {
			t.Fatalf("%X: %v", field, err)
		}
	})
}
