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
	if err := m.Unlock(1, code(driver.EraseKey, 6, 7, 8, 8)); err != nil {
		t.Fatal(err)
	}
	if err := m.Write(1, 0, pattern(64, 2)); !errors.Is(err, driver.ErrNotErased) {
		t.Errorf("%v", err)
	}
	if got := s.holds0(m); !bytes.Equal(got, pattern(64, 1)) {
		t.Errorf("%X", got)
	}
	if err := m.Unlock(0, code(driver.KeyA, 1, 2, 3, 4, 5, 6)); !errors.Is(err, driver.ErrUse) {
		t.Errorf("zone 1 took another chip's key: %v", err)
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

// TestAT88SC102Counted: a chip that was ordered with its erase counter on does not erase zone 2 without counting. It is
// refused, and keeps what it holds.
func TestAT88SC102Counted(t *testing.T) {
	t.Parallel()
	k := kindOf(t, "AT88SC102 zone 2")
	k.fresh = func() cardsim.Chip {
		return cardsim.NewAT88SC102([2]byte{0x12, 0x34}, [6]byte{1, 2, 3, 4, 5, 6}, [4]byte{6, 7, 8, 9}, true)
	}
	s := newDesk(t, k, cardsim.NewFirmware(), driver.Dialect{})
	s.chip.(*cardsim.AT88SC102).Poke(0x5C, pattern(64, 1))
	before := s.chip.Image()
	if err := s.put(0, pattern(64, 2)); !errors.Is(err, driver.ErrNotErased) {
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
	for _, err := range []error{m.Unlock(3, write1608()), m.Unlock(4, code(driver.WritePassword, 2, 2, 2))} {
		if err != nil {
			t.Fatal(err)
		}
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

// TestAT88SC1608Changed: a password that the chip took, and takes no more when it is presented again because another zone's
// came between, is refused once and costs one try: this is another card.
func TestAT88SC1608Changed(t *testing.T) {
	t.Parallel()
	s := newDesk(t, kindOf(t, "AT88SC1608"), cardsim.NewFirmware(), driver.NewACS())
	m, done := s.open()
	defer done()
	for _, err := range []error{m.Unlock(3, write1608()), m.Unlock(4, code(driver.WritePassword, 2, 2, 2))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.slot.Inject(cardsim.OnINS(0x20), cardsim.Refuse(0x90FE))
	for range 3 {
		if _, err := m.Read(3, 0, 4); !errors.Is(err, driver.ErrSecret) {
			t.Errorf("%v", err)
		}
	}
	if n := s.sent(0x20); n != 3 {
		t.Errorf("a password was presented %d times", n)
	}
}
