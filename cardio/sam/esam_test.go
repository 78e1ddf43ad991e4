package sam

import (
	"encoding/hex"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// TestESAMVectors holds one session that was computed by hand, with OpenSSL and nothing of ours. The root is the one of the
// manuals, the meter is 202107072529, its random number A1B2C3D4.
//
//	master: openssl mac -cipher AES-128-CBC -macopt hexkey:00112233445566778899AABBCCDDEEFF CMAC
//	  over 01 || label || 000080, the label in ASCII:
//	  esam identity FB9EC57C8D45EF243298ED6BAFAEA039, esam purse DFE39737D1CD6684223F7F8FC8E2ACB6, esam control 4C0170B385D2C261A5A918DE96DEEAD5
//	chip: openssl enc -des-ede -nopad -K MASTER, over 0000202107072529 FFFFDFDEF8F8DAD6
//	  identity D7733EB8F3993ABD8A29C931750867AF, purse ECB250DD2515BA1801225AC4A5537276, control FC313B7EE6CB76451B4E86DEA4A6F094
//	cryptogram: openssl enc -des-ede -nopad -K IDENTITY, over 0102030405060708
//	MAC: all blocks but the last with openssl enc -des-ede-cbc -nopad -K LEFT||LEFT -iv A1B2C3D400000000, the last one with
//	  -des-ede-cbc -K KEY -iv WHAT-CAME-OUT; its first four bytes. Over
//	  FF020107 0C DC05000006000000 800000       15.00 yuan, the sixth purchase, 070102FF
//	  FF020107 0A 563412000000 8000000000       customer 000000123456
//	  00000000 0C 1A00000000311226 800000       trip, until the end of 2026
//	  00000000 14 HIDDEN 800000                 the same, hidden
//	hidden: openssl enc -des-ede -nopad -K CONTROL, over 08 1A00000000311226 80000000000000
func TestESAMVectors(t *testing.T) {
	t.Parallel()
	f, err := newFile(memory{192: hold([16]byte(unhex(t, "00112233445566778899AABBCCDDEEFF")))})
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.ESAM(192, [6]byte(unhex(t, "202107072529")))
	if err != nil {
		t.Fatal(err)
	}
	for want, k := range map[string]*Key{
		"d7733eb8f3993abd8a29c931750867af": e.identity, "ecb250dd2515ba1801225ac4a5537276": e.purse, "fc313b7ee6cb76451b4e86dea4a6f094": e.control,
	} {
		if got := hexOf(t, k); got != want {
			t.Errorf("key %s, want %s", got, want)
		}
	}
	random, recharge, trip := [4]byte(unhex(t, "A1B2C3D4")), [4]byte(unhex(t, "FF020107")), unhex(t, "1A00000000311226")
	is := func(what, want string, got []byte, err error) {
		t.Helper()
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s: %x, %v, want %s", what, got, err, want)
		}
	}
	proof, err := e.Cryptogram([8]byte(unhex(t, "0102030405060708")))
	is("cryptogram", "f61a9db7fcce6fc3", proof[:], err)
	mac, err := e.PurchaseMAC(random, recharge, unhex(t, "DC05000006000000"))
	is("money", "72313517", mac[:], err)
	mac, err = e.PurchaseMAC(random, recharge, unhex(t, "563412000000"))
	is("customer", "9aa1d158", mac[:], err)
	mac, err = e.RelayMAC(random, trip)
	is("relay", "27460c7f", mac[:], err)
	hidden, mac, err := e.HideRelay(random, trip)
	is("hidden relay", "80e50813641859711338874757335a70", hidden, err)
	is("its mac", "6b6f176f", mac[:], err)
	for _, version := range []uint8{0, 1, 128, 193} {
		if _, err := f.ESAM(version, [6]byte{}); !errors.Is(err, ErrVersion) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

// A MAC is for one meter, one session, one command, one part and one purpose.
func TestESAMProvesOneThing(t *testing.T) {
	t.Parallel()
	f, err := new(File).Add(192, nil)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		number := [6]byte(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "number"))
		random, command := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "random")), [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "command"))
		part := rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "part")
		mac := func(number [6]byte, random, command [4]byte, part []byte) [4]byte {
			e, err := f.ESAM(192, number)
			if err != nil {
				t.Fatal(err)
			}
			m, err := e.PurchaseMAC(random, command, part)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		want := mac(number, random, command, part)
		n, r, c, p := number, random, command, append([]byte{}, part...)
		n[rapid.IntRange(0, 5).Draw(t, "i")]++
		r[rapid.IntRange(0, 3).Draw(t, "j")]++
		c[rapid.IntRange(0, 3).Draw(t, "k")]++
		p[rapid.IntRange(0, len(p)-1).Draw(t, "l")]++
		for what, got := range map[string][4]byte{"meter": mac(n, random, command, part), "session": mac(number, r, command, part),
			"command": mac(number, random, c, part), "part": mac(number, random, command, p), "length": mac(number, random, command, append(part, 0))} {
			if got == want {
				t.Errorf("another %s has the same MAC", what)
			}
		}
		e, _ := f.ESAM(192, number)
		if relay, err := e.RelayMAC(random, part); err != nil || relay == mac(number, random, [4]byte{}, part) {
			t.Errorf("a relay command's MAC is a purchase's, %v", err)
		}
	})
}
