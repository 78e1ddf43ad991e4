//go:build cgo

package token

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio/sam"
)

// store is where roots are kept: what both back ends do for "vendgate keys".
type store interface {
	Roots() ([]sam.Root, error)
	Add(version uint8, key *sam.Key) error
	Retire(version uint8) error
}

// keys is what cardio asks of both.
type keys interface {
	Current() uint8
	Card(version uint8, uid [8]byte) (sam.Card, error)
	Meter(version uint8, number string) (sam.Meter, error)
	Secret(version uint8, label string, serial []byte, size int) (sam.Secret, error)
	Purse(version uint8, serial [8]byte) (sam.PurseKeys, error)
	ESAM(version uint8, number [6]byte) (sam.ESAM, error)
}

// backEnd is one of the two, with what it holds now.
type backEnd struct {
	store
	keys func(testing.TB) keys
}

func backEnds(t *testing.T) map[string]backEnd {
	t.Helper()
	path := t.TempDir() + "/keys"
	file := sam.NewFileStore(path, "p", 1)
	if err := file.Init(); err != nil {
		t.Fatal(err)
	}
	token := opened(t)
	return map[string]backEnd{
		"file": {file, func(t testing.TB) keys {
			f, err := sam.LoadFile(path, "p")
			if err != nil {
				t.Fatal(err)
			}
			return f
		}},
		"token": {token, func(t testing.TB) keys {
			set, err := token.Keys()
			if err != nil {
				t.Fatal(err)
			}
			return set
		}},
	}
}

func component(t *testing.T, digits string) *sam.Key {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	// Any two components that make the key: the rule for their KCV is tested elsewhere.
	k, err := sam.Combine(exact(t, make([]byte, 16)), exact(t, b))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func exact(t *testing.T, b []byte) *sam.Key {
	t.Helper()
	k, err := sam.ParseComponent(hex.EncodeToString(b), kcv(b))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestStores is the suite that both back ends pass: what is held, what is current,
// and every refusal.
func TestStores(t *testing.T) {
	for name, b := range backEnds(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := b.keys(t).Card(1, [8]byte{}); !errors.Is(err, sam.ErrNoKeys) {
				t.Errorf("empty: %v", err)
			}
			for version, key := range map[uint8]*sam.Key{128: nil, 129: component(t, "2b7e151628aed2a6abf7158809cf4f3d")} {
				if err := b.Add(version, key); err != nil {
					t.Fatal(err)
				}
			}
			roots, err := b.Roots()
			if err != nil || len(roots) != 2 || roots[0].Version != 128 || roots[1].Version != 129 {
				t.Fatalf("%v, %v", roots, err)
			}
			if roots[1].KCV != kcv(unhex(t, "2b7e151628aed2a6abf7158809cf4f3d")) || roots[0].KCV == roots[1].KCV {
				t.Errorf("check values %v", roots)
			}
			if c := b.keys(t).Current(); c != 129 {
				t.Errorf("current is %d", c)
			}
			for what, refused := range map[string]struct{ err, want error }{
				"a version twice":        {b.Add(128, nil), sam.ErrHeld},
				"for trials":             {b.Add(1, nil), sam.ErrMixed},
				"a published key":        {b.Add(130, component(t, "2b7e151628aed2a6abf7158809cf4f3c")), sam.ErrWeak},
				"equal halves":           {b.Add(130, component(t, strings.Repeat("34", 16))), sam.ErrWeak},
				"retiring the current":   {b.Retire(129), sam.ErrCurrent},
				"retiring what is not":   {b.Retire(200), sam.ErrVersion},
				"retiring a trial's":     {b.Retire(1), sam.ErrTrial},
				"a card of version 130":  {cardOf(b.keys(t), 130), sam.ErrVersion},
				"a card keyed for tests": {cardOf(b.keys(t), 1), sam.ErrTrial},
			} {
				if !errors.Is(refused.err, refused.want) {
					t.Errorf("%s: %v, want %v", what, refused.err, refused.want)
				}
			}
			if err := b.Retire(128); err != nil {
				t.Fatal(err)
			}
			if err := cardOf(b.keys(t), 128); !errors.Is(err, sam.ErrVersion) {
				t.Errorf("retired: %v", err)
			}
			if roots, err := b.Roots(); err != nil || len(roots) != 1 {
				t.Errorf("left: %v, %v", roots, err)
			}
		})
	}
}

func cardOf(k keys, version uint8) error {
	_, err := k.Card(version, [8]byte{})
	return err
}

// TestBackEndsAgree: with one root, file and token give the same keys, MACs and
// cryptograms, whatever card, meter, challenge and message.
func TestBackEndsAgree(t *testing.T) {
	all := backEnds(t)
	root := sam.Component()
	for _, b := range all {
		if err := b.Add(1, root); err != nil {
			t.Fatal(err)
		}
	}
	file, token := all["file"].keys(t), all["token"].keys(t)
	rapid.Check(t, func(t *rapid.T) {
		uid := [8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "uid"))
		number := rapid.StringMatching(`[0-9]{14}`).Draw(t, "meter")
		message := rapid.SliceOfN(rapid.Byte(), 0, 70).Draw(t, "message")
		challenge := rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "challenge")[:rapid.SampledFrom([]int{4, 8}).Draw(t, "size")]
		label, serial := rapid.StringN(0, 20, 40).Draw(t, "label"), rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "serial")
		a, b := report(t, file, uid, number, message, challenge), report(t, token, uid, number, message, challenge)
		if a != b {
			t.Fatalf("they differ\nfile  %s\ntoken %s", a, b)
		}
		x, err := file.Secret(1, label, serial, 6)
		y, err2 := token.Secret(1, label, serial, 6)
		if err := errors.Join(err, err2); err != nil || !bytes.Equal(x.Expose(), y.Expose()) {
			t.Fatalf("secrets differ, %v", err)
		}
	})
}

// report is everything that can be had from a key set for one card and one meter.
func report(t *rapid.T, k keys, uid [8]byte, number string, message, challenge []byte) string {
	var said []string
	say := func(b []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, hex.EncodeToString(b))
	}
	card, err := k.Card(1, uid)
	say(nil, err)
	meter, err := k.Meter(1, number)
	say(nil, err)
	its, err := meter.On(uid)
	say(nil, err)
	purse, err := k.Purse(1, uid)
	say(nil, err)
	load, err := purse.Load.SessionMAC([4]byte(challenge), 7, message)
	say(load[:], err)
	receipt, err := purse.TAC.TAC(message)
	say(receipt[:], err)
	for _, key := range []*sam.Key{meter.Purse, meter.WriteBack} {
		mac, err := key.CMAC(message)
		say(mac[:], err)
	}
	for _, w := range []sam.Writer{card.Vendor, its} {
		cryptogram, err := w.Auth.Cryptogram(challenge)
		say(cryptogram[:], err)
		mac, err := w.Message.SecureMAC(challenge, message)
		say(mac[:], err)
		say(card.Transport.Wrap([]byte{0x39, 0xF0, 0x0F, 1, 0xAA}, w.Auth))
		say(card.Transport.Wrap([]byte{0x36, 0xF0, 0x0F, 1, 0xAA}, w.Message))
	}
	return strings.Join(said, " ")
}

// TestBackEndsAgreeOnChips: the same of the security chip of any meter.
func TestBackEndsAgreeOnChips(t *testing.T) {
	all := backEnds(t)
	root := sam.Component()
	for _, b := range all {
		if err := b.Add(192, root); err != nil {
			t.Fatal(err)
		}
	}
	file, token := all["file"].keys(t), all["token"].keys(t)
	rapid.Check(t, func(t *rapid.T) {
		number := [6]byte(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "number"))
		random := [8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "random"))
		message := rapid.SliceOfN(rapid.Byte(), 0, 70).Draw(t, "message")
		if a, b := chipReport(t, file, number, random, message), chipReport(t, token, number, random, message); a != b {
			t.Fatalf("they differ\nfile  %s\ntoken %s", a, b)
		}
	})
}

// chipReport is everything that can be had from a key set for one meter's chip.
func chipReport(t *rapid.T, k keys, number [6]byte, random [8]byte, message []byte) string {
	chip, err := k.ESAM(192, number)
	proof, err2 := chip.Cryptogram(random)
	purchase, err3 := chip.PurchaseMAC([4]byte(random[:]), [4]byte(random[4:]), message)
	relay, err4 := chip.RelayMAC([4]byte(random[:]), message)
	hidden, mac, err5 := chip.HideRelay([4]byte(random[:]), message)
	if err := errors.Join(err, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x %x %x %x %x", proof, purchase, relay, hidden, mac)
}
