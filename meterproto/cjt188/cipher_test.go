package cjt188_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// The worked example of the cipher that everybody tests with: it is the block
// cipher itself, in the order of bytes as they stand.
func TestSealIsDES(t *testing.T) {
	t.Parallel()
	key := cjt188.DES([8]byte{0x13, 0x34, 0x57, 0x79, 0x9B, 0xBC, 0xDF, 0xF1})
	f := cjt188.Frame{Control: cjt188.WriteData, Data: []byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF}}
	sealed, err := cjt188.Seal(f, key)
	if want := "\x85\xE8\x13\x54\x0F\x0A\xB4\x05"; err != nil || len(sealed.Data) != 16 || string(sealed.Data[:8]) != want {
		t.Fatalf("%X, %v", sealed.Data, err)
	}
	opened, err := cjt188.Unseal(sealed, key)
	if err != nil || !bytes.Equal(opened.Data, f.Data) {
		t.Errorf("%X, %v", opened.Data, err)
	}
	var padding [8]byte
	if err := key.Decrypt(padding[:], sealed.Data[8:]); err != nil || padding != [8]byte{0x80} {
		t.Errorf("padding %X, %v", padding, err)
	}
}

func TestSealedDataOpensAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		key := cjt188.DES([8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "key")))
		f := cjt188.Frame{Control: cjt188.ReadData.Reply(), Data: rapid.SliceOfN(rapid.Byte(), 0, 95).Draw(t, "data")}
		before := bytes.Clone(f.Data)
		sealed, err := cjt188.Seal(f, key)
		if err != nil || len(sealed.Data) != len(f.Data)/8*8+8 || !bytes.Equal(f.Data, before) {
			t.Fatalf("%X, %v", sealed.Data, err)
		}
		opened, err := cjt188.Unseal(sealed, key)
		if err != nil || !bytes.Equal(opened.Data, before) {
			t.Fatalf("%X came back as %X, %v", before, opened.Data, err)
		}
	})
}

// broken is a key service that does not answer.
type broken struct{ error }

func (b broken) Encrypt(_, _ []byte) error { return b.error }
func (b broken) Decrypt(_, _ []byte) error { return b.error }

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	key, other := cjt188.DES(cjt188.FirstKey()), cjt188.DES(cjt188.MeterKey(cjt188.FirstKey(), 0x30, cjt188.Address{1}))
	long := cjt188.Frame{Control: cjt188.WriteData, Data: make([]byte, 48)}
	if f, err := cjt188.Seal(long, key); !errors.Is(err, cjt188.ErrMalformed) {
		t.Errorf("48 bytes of a write: %d, %v", len(f.Data), err)
	}
	f := cjt188.Frame{Control: cjt188.ReadData, Data: []byte{0x90, 0x1F, 0x01}}
	for name, sealed := range map[string]cjt188.Frame{
		"never encrypted": f, "nothing": {Control: cjt188.ReadData}, "a block": {Control: cjt188.ReadData, Data: make([]byte, 8)},
	} {
		if got, err := cjt188.Unseal(sealed, key); !errors.Is(err, cjt188.ErrPadding) {
			t.Errorf("%s: %X, %v", name, got.Data, err)
		}
	}
	sealed, err := cjt188.Seal(f, key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cjt188.Unseal(sealed, other); !errors.Is(err, cjt188.ErrPadding) {
		t.Errorf("another key: %X, %v", got.Data, err)
	}
	away := errors.New("away")
	if _, err := cjt188.Seal(f, broken{away}); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	if _, err := cjt188.Unseal(sealed, broken{away}); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	for _, c := range []cjt188.Control{cjt188.ReadAddress, cjt188.ReadKeyVersion, cjt188.WriteAddress.Reply(), cjt188.WriteSync} {
		f.Control = c // plain by the table
		if got, err := cjt188.Seal(f, broken{away}); err != nil || !bytes.Equal(got.Data, f.Data) {
			t.Errorf("%v: %X, %v", c, got.Data, err)
		}
		if got, err := cjt188.Unseal(f, broken{away}); err != nil || !bytes.Equal(got.Data, f.Data) {
			t.Errorf("%v: %X, %v", c, got.Data, err)
		}
	}
}

func TestMeterKey(t *testing.T) {
	t.Parallel()
	got := cjt188.MeterKey([8]byte{1, 2, 3, 4, 5, 6, 7, 8}, 0x30, cjt188.Address{0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70})
	if want := [8]byte{0x31, 0x12, 0x23, 0x34, 0x45, 0x56, 0x67, 0x78}; got != want {
		t.Errorf("got %X", got)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	k := cjt188.NewKey{Version: 7, Key: [8]byte{0xC0, 0xFF, 0xEE, 0xC0, 0xFF, 0xEE, 0xC0, 0xFF}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		for _, v := range []any{k, &k, []cjt188.NewKey{k}} {
			if s := strings.ToLower(fmt.Sprintf(verb, v)); strings.Contains(s, "c0") || strings.Contains(s, "192") {
				t.Errorf("%s: %s", verb, s)
			}
		}
	}
}
