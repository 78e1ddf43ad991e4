package sam

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func hexOf(t *testing.T, k *Key) string {
	t.Helper()
	secret, err := k.Expose()
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(secret[:])
}

func key(t *testing.T, s string) *Key {
	t.Helper()
	secret, ok := parse(s)
	if !ok {
		t.Fatal("not a key")
	}
	return newKey(secret)
}

// TestCMAC holds the vectors of RFC 4493 §4.
func TestCMAC(t *testing.T) {
	t.Parallel()
	k := key(t, "2b7e151628aed2a6abf7158809cf4f3c")
	message := unhex(t, "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"+
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
	for n, want := range map[int]string{
		0:  "bb1d6929e95937287fa37d129b756746",
		16: "070a16b46b4d4144f79bdd9dd04a287c",
		40: "dfa66747de9ae63030ca32611497c827",
		64: "51f0bebf7e3b9d92fc49741779363cfe",
	} {
		got, err := k.CMAC(message[:n])
		if err != nil || hex.EncodeToString(got[:]) != want {
			t.Errorf("%d bytes: %x, %v, want %s", n, got, err, want)
		}
	}
}

// TestSecureMAC holds a WRITE KEY trace (cards.md §1) and the traces of a real
// FM1208 in klks/fmcos-python examples/test_mac.py.
func TestSecureMAC(t *testing.T) {
	t.Parallel()
	ff, three6 := strings.Repeat("FF", 16), strings.Repeat("36", 16)
	for _, v := range []struct{ key, challenge, message, want string }{
		{ff, "4C45BAB9", "84D4010214 7C87BC23140021B3AFEA67E6359DDCFE", "D7C943F6"},
		{ff, "44A47DEB", "04D6000014 112233445566778899 00AABBCCDDEEFF", "F2F62231"},
		{ff, "D0FE4FB9", "112233445566778899 00AABBCCDDEEFF", "8D318577"},
		{ff, "D0FE4FB9", "04B0000004", "F09C8A19"},
		{ff, "D0FE4FB900000000", "04B0000004", "F09C8A19"},
		{three6, "A3BBCFC8", "04D6950022 000122000001FFFF0101000022000000000000062016010120501231 0000", "96E32EF1"},
		{ff, "88BBE4E3", "04D6850034 000122000001FFFF2200000000000006000120161028000000" +
			"0000010001000000000000000000000000000020501231", "AE8D8774"},
	} {
		got, err := key(t, v.key).SecureMAC(unhex(t, v.challenge), unhex(t, v.message))
		if err != nil || !bytes.Equal(got[:], unhex(t, v.want)) {
			t.Errorf("%s: %X, %v, want %s", v.message, got, err, v.want)
		}
	}
}

// TestCryptogram was computed with openssl enc -des-ede.
func TestCryptogram(t *testing.T) {
	t.Parallel()
	k := key(t, "000102030405060708090a0b0c0d0e0f")
	for _, challenge := range []string{"4C45BAB9", "4C45BAB900000000"} {
		got, err := k.Cryptogram(unhex(t, challenge))
		if err != nil || hex.EncodeToString(got[:]) != "36977f8c4747ba2c" {
			t.Errorf("%s: %x, %v", challenge, got, err)
		}
	}
	for _, n := range []int{0, 3, 5, 9} {
		if _, err := k.Cryptogram(make([]byte, n)); err == nil {
			t.Errorf("a challenge of %d bytes was taken", n)
		}
		if _, err := k.SecureMAC(make([]byte, n), nil); err == nil {
			t.Errorf("a challenge of %d bytes was taken", n)
		}
	}
}

// TestWrap is the enciphered part of the WRITE KEY trace in cards.md §1, with its 8-byte key.
func TestWrap(t *testing.T) {
	t.Parallel()
	ff := key(t, strings.Repeat("FF", 16))
	got, err := ff.wrap(unhex(t, "F9F0F0AAFF"), unhex(t, "1122334455667788"))
	if err != nil || !bytes.Equal(got, unhex(t, "7C87BC23140021B3AFEA67E6359DDCFE")) {
		t.Errorf("got %X, %v", got, err)
	}
	if got, err := ff.Wrap(make([]byte, 7), ff); err != nil || len(got) != 24 {
		t.Errorf("a whole number of blocks became %d bytes, %v", len(got), err)
	}
	if _, err := ff.Wrap(make([]byte, 240), ff); err == nil {
		t.Error("256 bytes were wrapped under a length byte")
	}
}

func TestKeysDiffer(t *testing.T) {
	t.Parallel()
	f, other := Generate(), Generate()
	seen := map[string]string{}
	add := func(name string, k *Key) {
		if twin, ok := seen[hexOf(t, k)]; ok {
			t.Errorf("%s and %s are one key", name, twin)
		}
		seen[hexOf(t, k)] = name
	}
	for n, file := range []*File{f, other} {
		for _, uid := range [][8]byte{{7: 1}, {7: 2}} {
			card, err := file.Card(1, uid)
			if err != nil {
				t.Fatal(err)
			}
			add(fmt.Sprintf("vendor auth %d %x", n, uid), card.Vendor.Auth)
			add(fmt.Sprintf("vendor message %d %x", n, uid), card.Vendor.Message)
			for _, number := range []string{"00000000000001", "00000000000002"} {
				meter, err := file.Meter(1, number)
				if err != nil {
					t.Fatal(err)
				}
				w, err := meter.On(uid)
				if err != nil {
					t.Fatal(err)
				}
				add(fmt.Sprintf("meter auth %d %s %x", n, number, uid), w.Auth)
				add(fmt.Sprintf("meter message %d %s %x", n, number, uid), w.Message)
			}
		}
		meter, _ := file.Meter(1, "00000000000001")
		add(fmt.Sprintf("purse %d", n), meter.Purse)
		add(fmt.Sprintf("write-back %d", n), meter.WriteBack)
	}
}

// TestDerivation pins the diversification: cards in the field depend on it.
func TestDerivation(t *testing.T) {
	t.Parallel()
	// SP 800-108 counter mode by hand: 01 || "purse" || 00 || context || 0080.
	root := key(t, "2b7e151628aed2a6abf7158809cf4f3c")
	want, err := root.CMAC(append([]byte{1}, "purse\x0000000000000001\x00\x80"...))
	if got := root.meter("00000000000001").Purse; err != nil || hexOf(t, got) != hex.EncodeToString(want[:]) {
		t.Errorf("purse: %s, %v", hexOf(t, got), err)
	}
	// PBOC's child key by hand: the number, then its complement, with openssl enc -des-ede.
	dlk := key(t, "3F013F013F013F013F013F013F013F01")
	if got := hexOf(t, dlk.diversify([8]byte{1, 2, 3, 4, 5, 6, 7, 8})); got != "775c86fb27657a4ee846b7f5190bf678" {
		t.Errorf("child key %s", got)
	}
	if w := root.card([8]byte{1, 2, 3, 4, 5, 6, 7, 8}); hexOf(t, w.Auth) != "da9733a8f8def47174b4ecd4c4f8e2a4" || hexOf(t, w.Message) != "359036473e5b23c4e78eaeadf87c7239" {
		t.Errorf("vendor %s, %s", hexOf(t, w.Auth), hexOf(t, w.Message))
	}
}

func TestKeysCannotBePrinted(t *testing.T) {
	t.Parallel()
	k := key(t, "2b7e151628aed2a6abf7158809cf4f3c")
	secret, _ := k.Expose()
	f, err := newFile(memory{1: hold(secret)})
	if err != nil {
		t.Fatal(err)
	}
	card, _ := f.Card(1, [8]byte{})
	meter, _ := f.Meter(1, "00000000000001")
	var out bytes.Buffer
	for _, v := range []any{k, *k, f, *f, card, meter, &card, &meter, []*Key{k}, []Key{*k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("key", "k", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "k", v)
		_ = json.NewEncoder(&out).Encode(v)
	}
	for _, secret := range []*Key{k, card.Vendor.Auth, meter.Purse} {
		b, _ := secret.Expose()
		for _, verb := range []string{"%x", "%X", "%d", "%v", "%q"} {
			text := strings.Trim(fmt.Sprintf(verb, b[:4]), "[]\"")
			if at := strings.Index(out.String(), text); at >= 0 {
				t.Errorf("a key was printed as %s: %s", verb, out.String()[max(0, at-200):at+20])
			}
		}
	}
}
