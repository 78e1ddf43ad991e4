package driver_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// kindOf finds a kind of the suite by its name.
func kindOf(t *testing.T, name string) kind {
	t.Helper()
	for _, k := range kinds() {
		if k.name == name {
			return k
		}
	}
	t.Fatal(name)
	return kind{}
}

// TestAT88SC102EraseKey: with the wrong one the old content stays, and no half of
// the new one comes over it.
func TestAT88SC102EraseKey(t *testing.T) {
	t.Parallel()
	s := newDesk(t, kindOf(t, "AT88SC102 zone 2"), cardsim.NewFirmware(), driver.Dialect{})
	if err := s.put(0, pattern(64, 1)); err != nil {
		t.Fatal(err)
	}
	m, done := s.open()
	defer done()
	if err := m.Unlock(1, s.right[0]); err != nil {
		t.Fatal(err)
	}
	if err := m.Write(1, 0, pattern(64, 2)); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("without an erase key: %v", err)
	}
	for _, wrong := range []driver.Secret{code(driver.EraseKeyCounted, 6, 7, 8, 8), code(driver.EraseKey, 6, 7, 8, 8)} {
		if err := m.Unlock(1, wrong); err != nil {
			t.Fatal(err)
		}
		if err := m.Write(1, 0, pattern(64, 2)); !errors.Is(err, driver.ErrNotErased) {
			t.Errorf("%v", err)
		}
		if got := s.holds0(m); !bytes.Equal(got, pattern(64, 1)) {
			t.Errorf("%X", got)
		}
	}
	for _, wrong := range []driver.Secret{code(driver.EraseKeyCounted, 1, 2, 3, 4, 5, 6), code(driver.KeyA, 1, 2, 3, 4, 5, 6)} {
		if err := m.Unlock(0, wrong); !errors.Is(err, driver.ErrUse) {
			t.Errorf("zone 1 took %+v: %v", wrong, err)
		}
	}
}

func (s *desk) holds0(m driver.Memory) []byte {
	s.t.Helper()
	got, err := m.Read(s.area, 0, s.length)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// TestAT88SC102Worn: a zone whose erasures are used up is refused before anything
// is sent that could change it.
func TestAT88SC102Worn(t *testing.T) {
	t.Parallel()
	s := newDesk(t, kindOf(t, "AT88SC102 zone 2, counted"), cardsim.NewFirmware(), driver.Dialect{})
	for i := range 128 {
		if err := s.put(0, pattern(64, byte(i))); err != nil {
			t.Fatalf("erasure %d: %v", i, err)
		}
	}
	before := s.chip.Image()
	if err := s.put(0, pattern(64, 200)); !errors.Is(err, driver.ErrWorn) {
		t.Errorf("%v", err)
	}
	if !bytes.Equal(before, s.chip.Image()) {
		t.Error("the chip changed")
	}
}

// TestAT88SC1608Areas: a zone is what its access register says.
func TestAT88SC1608Areas(t *testing.T) {
	t.Parallel()
	s := newDesk(t, kindOf(t, "AT88SC1608"), cardsim.NewFirmware(), driver.NewACS())
	m, done := s.open()
	defer done()
	for i, want := range map[int][2]driver.Lock{
		0: {driver.Free, driver.Free}, 3: {driver.ByPassword, driver.ByPassword}, 4: {driver.Free, driver.ByPassword},
		5: {driver.Free, driver.Free}, 6: {driver.Free, driver.Shut}, 7: {driver.Shut, driver.Shut},
	} {
		if a := m.Areas()[i]; a.Read != want[0] || a.Write != want[1] {
			t.Errorf("zone %d: %+v", i, a)
		}
	}
	if err := m.Write(6, 0, []byte{1}); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("zone 6: %v", err)
	}
	if _, err := m.Read(7, 0, 1); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("zone 7: %v", err)
	}
}

// TestAT88SC1608TwoPasswords: the chip remembers one password, the driver all that were accepted.
func TestAT88SC1608TwoPasswords(t *testing.T) {
	t.Parallel()
	s := newDesk(t, kindOf(t, "AT88SC1608"), cardsim.NewFirmware(), driver.NewACS())
	m, done := s.open()
	defer done()
	for _, err := range []error{
		m.Unlock(3, code(driver.ReadPassword, 5, 5, 6)),
		m.Unlock(4, code(driver.WritePassword, 2, 2, 2)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Write(3, 0, []byte{1}); !errors.Is(err, driver.ErrLocked) {
		t.Errorf("written with the password for reading: %v", err)
	}
	if _, err := m.Read(3, 0, 4); err != nil {
		t.Error(err)
	}
	if err := m.Write(4, 0, []byte{7}); err != nil {
		t.Error(err)
	}
	if got, err := m.Read(4, 0, 1); err != nil || got[0] != 7 {
		t.Errorf("%X, %v", got, err)
	}
	if err := m.Unlock(3, write1608()); err != nil {
		t.Error(err)
	}
	if err := m.Unlock(4, code(driver.WritePassword, 0, 0, 0)); !errors.Is(err, driver.ErrSecret) {
		t.Error(err)
	}
	if err := m.Write(3, 0, []byte{9}); err != nil { // another one's refusal is not its own
		t.Error(err)
	}
	if got, err := m.Read(3, 0, 1); err != nil || got[0] != 9 {
		t.Errorf("%X, %v", got, err)
	}
}

// TestAT88SC1608Counters: each password has a counter of its own, and its own is read.
func TestAT88SC1608Counters(t *testing.T) {
	t.Parallel()
	s := newDesk(t, kindOf(t, "AT88SC1608"), cardsim.NewFirmware(), driver.NewACS())
	m, done := s.open()
	defer done()
	s.chip.(*cardsim.AT88SC1608).SetCounter(5, true, 0x80)
	if err := m.Unlock(3, code(driver.ReadPassword, 5, 5, 6)); !errors.Is(err, driver.ErrTriesLow) {
		t.Errorf("one try left of the password for reading: %v", err)
	}
	if err := m.Unlock(3, write1608()); err != nil {
		t.Errorf("all tries left of the one for writing: %v", err)
	}
	if n := s.chip.(*cardsim.AT88SC1608).Tries(5, true); n != 1 {
		t.Errorf("%d tries", n)
	}
}
