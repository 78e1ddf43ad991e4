package sam

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// TestPurseVectors holds the published loads of cards.md §2: A of many pages, B
// and C of real FM1208 cards. message is what MAC1, MAC2 or TAC is over.
func TestPurseVectors(t *testing.T) {
	t.Parallel()
	three := strings.Repeat("3F01", 8)
	fm := "00112233445566778899AABBCCDDEEFF"
	for name, v := range map[string]struct{ key, random, sequence, session, message, mac string }{
		"A MAC1": {"11223344556677888877665544332211", "11223344", "0000", "9B1D924E05595603",
			"00000000 00001000 01 001122334455", "2988AE5A"},
		"A MAC2": {"11223344556677888877665544332211", "11223344", "0000", "9B1D924E05595603",
			"00001000 01 001122334455 20111221 214822", "3A845BF0"},
		"B MAC1": {three, "06B825D7", "0017", "6E76E8541E217D9A", "0000001A 00000001 02 112233445566", "684C81CE"},
		"B MAC2": {three, "06B825D7", "0017", "6E76E8541E217D9A", "00000001 02 112233445566 20170310 110734", "9C8A0625"},
		"C MAC1": {fm, "E0B84748", "0000", "7C45FBFB5B3A68F5", "00000000 00002000 02 001122334455", "EA411F90"},
	} {
		k, random := key(t, v.key), [4]byte(unhex(t, v.random))
		sequence := unhex(t, v.sequence)
		seq := uint16(sequence[0])<<8 | uint16(sequence[1])
		session, err := k.session(random, seq, [2]byte{0x80, 0})
		if err != nil || !bytes.Equal(session[:], unhex(t, v.session)) {
			t.Errorf("%s: session key %X, %v", name, session, err)
		}
		if mac, err := k.SessionMAC(random, seq, unhex(t, v.message)); err != nil || !bytes.Equal(mac[:], unhex(t, v.mac)) {
			t.Errorf("%s: %X, %v, want %s", name, mac, err, v.mac)
		}
	}
}

// TestTACVector is B's receipt: balance 1B after one fen, online sequence 0017. Its
// key has equal halves, which the arithmetic takes and TAC does not.
func TestTACVector(t *testing.T) {
	t.Parallel()
	k := key(t, strings.Repeat("34", 16))
	receipt := unhex(t, "0000001B 0017 00000001 02 112233445566 20170310 110734")
	if tac, err := desMAC(k.tacKey(), receipt); err != nil || hex.EncodeToString(tac[:]) != "16ead516" {
		t.Errorf("%X, %v", tac, err)
	}
	if tac, err := k.TAC(receipt); !errors.Is(err, ErrWeakKey) || tac != [4]byte{} {
		t.Errorf("%X, %v", tac, err)
	}
	good := key(t, "000102030405060708090A0B0C0D0E0F") // halves XORed: 08 in every byte
	want, _ := desMAC([8]byte(bytes.Repeat([]byte{8}, 8)), receipt)
	if tac, err := good.TAC(receipt); err != nil || tac != want {
		t.Errorf("%X, %v, want %X", tac, err, want)
	}
}

// TestPurseKeysOfACard: PBOC's diversification, computed with openssl enc -des-ede.
func TestPurseKeysOfACard(t *testing.T) {
	t.Parallel()
	child, err := key(t, "000102030405060708090a0b0c0d0e0f").child([8]byte(unhex(t, "4C45BAB900000000")))
	if err != nil || child.text() != "36977f8c4747ba2c8161dc2bbb9de460" {
		t.Errorf("%v", err)
	}
	f := Generate()
	a, err := f.Purse(1, [8]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	b, _ := f.Purse(1, [8]byte{2})
	again, _ := f.Purse(1, [8]byte{1})
	seen := map[string]bool{}
	for _, k := range []*Key{a.Load, a.Purchase, a.TAC, b.Load, b.Purchase, b.TAC} {
		seen[k.text()] = true
	}
	if len(seen) != 6 || again.Load.text() != a.Load.text() {
		t.Errorf("%d different keys of 6", len(seen))
	}
	if _, err := f.Purse(9, [8]byte{1}); !errors.Is(err, ErrVersion) {
		t.Error(err)
	}
}
