package driver_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// TestClassicRekey: the new keys open the sector as they should, and a sector is not left to
// access bits that contradict themselves.
func TestClassicRekey(t *testing.T) {
	t.Parallel()
	for _, k := range classics() {
		s := newDesk(t, k, cardsim.NewFirmware(), driver.NewACS())
		a, b := code(driver.KeyA, 1, 2, 3, 4, 5, 6), code(driver.KeyB, 9, 8, 7, 6, 5, 4)
		m, done := s.open()
		if err := m.(driver.Rekeyer).Rekey(k.area, a, b); !errors.Is(err, driver.ErrLocked) {
			t.Errorf("without a key: %v", err)
		}
		if err := unlock(m, k.area, k.right); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range [][]driver.Secret{{}, {a}, {b, a}, {a, code(driver.KeyB, 1)}} {
			if err := m.(driver.Rekeyer).Rekey(k.area, wrong...); !errors.Is(err, driver.ErrUse) {
				t.Errorf("%v", err)
			}
		}
		if err := m.(driver.Rekeyer).Rekey(k.area, a, b); err != nil {
			t.Fatal(err)
		}
		done()
		data := pattern(16, 0x5A)
		for secret, writes := range map[*driver.Secret]bool{&a: false, &b: true} {
			m, done := s.open()
			if err := m.Unlock(k.area, *secret); err != nil {
				t.Errorf("%s: %v", k.name, err)
			}
			err := m.Write(k.area, 0, data)
			if got, errRead := m.Read(k.area, 0, 16); errRead != nil || bytes.Equal(got, data) != writes || (err == nil) != writes {
				t.Errorf("%s: key %d: wrote %v, read %X, %v", k.name, secret.Use, err, got, errRead)
			}
			done()
			s = &desk{t: t, kind: k, dialect: s.dialect, slot: s.slot, reader: s.slot, chip: s.chip}
			s.chip.(*cardsim.Classic).Poke(s.first(), make([]byte, 16))
		}
	}
}

// first is the first block of the desk's area.
func (s *desk) first() int { return map[int]int{0: 1, 1: 4, 39: 240}[s.area] }

// TestClassicForgets: the key that opened the card is not left in the reader.
func TestClassicForgets(t *testing.T) {
	t.Parallel()
	s := newDesk(t, classics()[0], cardsim.OldFirmware(), driver.Dialect{})
	own := code(driver.KeyA, 1, 2, 3, 4, 5, 6)
	m, done := s.open()
	if err := unlock(m, 1, s.right); err != nil {
		t.Fatal(err)
	}
	if err := m.(driver.Rekeyer).Rekey(1, own, code(driver.KeyB, 2, 2, 2, 2, 2, 2)); err != nil {
		t.Fatal(err)
	}
	if err := m.Unlock(1, own); err != nil {
		t.Fatal(err)
	}
	if err := m.(driver.Forgetter).Forget(); err != nil {
		t.Error(err)
	}
	done()
	link, err := s.slot.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := link.Transmit([]byte{0xFF, 0x86, 0, 0, 5, 1, 0, 4, 0x60, 0x20}) // whatever key is in the reader
	if err != nil || !bytes.Equal(answer, []byte{0x63, 0x00}) {
		t.Errorf("%X, %v", answer, err)
	}
}

func TestClassicSerial(t *testing.T) {
	t.Parallel()
	s := newDesk(t, classics()[2], cardsim.NewFirmware(), driver.Dialect{})
	m, done := s.open()
	defer done()
	if uid := m.(interface{ Serial() []byte }).Serial(); !bytes.Equal(uid, []byte{1, 2, 3, 4}) {
		t.Errorf("%X", uid)
	}
	if areas := m.Areas(); len(areas) != 40 || areas[0].Size != 32 || areas[31].Size != 48 || areas[32].Size != 240 {
		t.Errorf("%+v", areas)
	}
}

// TestClassicKeyNotTaken: a key that the reader did not take leaves it unknown which one it holds.
func TestClassicKeyNotTaken(t *testing.T) {
	t.Parallel()
	a, b := code(driver.KeyA, 1, 1, 1, 1, 1, 1), code(driver.KeyA, 2, 2, 2, 2, 2, 2)
	card := &tape{t, []string{"FFCA000000 > 01020304 9000", "FF82000006010101010101 > 9000", "FF860000050100046000 > 9000",
		"FF82000006020202020202 > 6300", "FF82000006010101010101 > 9000", "FF8600000501000C6000 > 9000", "FF860000050100106000 > 9000"}}
	m, err := driver.Open(apdu.NewChannel(card), driver.Mifare1K, driver.NewACS())
	if err != nil {
		t.Fatal(err)
	}
	for area, err := range []error{m.Unlock(1, a), m.Unlock(2, b), m.Unlock(3, a), m.Unlock(4, a)} {
		if (err != nil) != (area == 1) {
			t.Errorf("sector %d: %v", area+1, err)
		}
	}
	if len(card.lines) > 0 {
		t.Errorf("not sent: %v", card.lines)
	}
}
