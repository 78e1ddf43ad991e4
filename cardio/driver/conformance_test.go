package driver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// desk is a reader with one chip in it, and what the suite knows of both.
type desk struct {
	t *testing.T
	kind
	dialect driver.Dialect
	slot    *cardsim.Slot
	reader  cardio.Reader // the slot itself, or pcscd's view of it
	chip    cardsim.Chip
}

func newDesk(t *testing.T, k kind, f cardsim.Firmware, d driver.Dialect) *desk {
	slot := cardsim.NewReader(k.name, f)
	s := &desk{t: t, kind: k, dialect: d, slot: slot, reader: slot, chip: k.fresh()}
	slot.Insert(s.chip)
	return s
}

// open powers the chip up anew and lets go of it when done is called.
func (s *desk) open() (m driver.Memory, done func()) {
	s.t.Helper()
	link, err := s.reader.Connect(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	if !s.listed(link.ATR()) {
		s.t.Fatalf("the ATR %X is not known to be %s", link.ATR(), s.kind.chip)
	}
	m, err = driver.Open(apdu.NewChannel(link), s.kind.chip, s.dialect)
	if err != nil {
		s.t.Fatal(err)
	}
	return m, func() { _ = link.Close() }
}

func (s *desk) listed(atr []byte) bool {
	for _, c := range driver.Candidates(atr) {
		if c == s.kind.chip {
			return true
		}
	}
	return false
}

func unlock(m driver.Memory, area int, secrets []driver.Secret) error {
	for _, secret := range secrets {
		if err := m.Unlock(area, secret); err != nil {
			return err
		}
	}
	return nil
}

var errNotWritten = errors.New("the card holds something else")

// put is what an engine does: open, unlock, write, read back.
func (s *desk) put(offset int, data []byte) error {
	link, err := s.reader.Connect(context.Background())
	if err != nil {
		return err
	}
	defer link.Close()
	m, err := driver.Open(apdu.NewChannel(link), s.kind.chip, s.dialect)
	if err != nil {
		return err
	}
	if err := unlock(m, s.area, s.right); err != nil {
		return err
	}
	if err := m.Write(s.area, offset, data); err != nil {
		return err
	}
	got, err := m.Read(s.area, offset, len(data))
	if err == nil && !bytes.Equal(got, data) {
		err = errNotWritten
	}
	return err
}

// holds reads the area over a reader without faults.
func (s *desk) holds(offset, n int) []byte {
	s.t.Helper()
	m, done := s.open()
	defer done()
	if m.Areas()[s.area].Read != driver.Free {
		if err := unlock(m, s.area, s.right); err != nil {
			s.t.Fatal(err)
		}
	}
	got, err := m.Read(s.area, offset, n)
	if err != nil {
		s.t.Fatal(err)
	}
	return got
}

// sent counts the commands with that instruction.
func (s *desk) sent(ins byte) (n int) {
	for _, e := range s.slot.Log() {
		if e.INS == ins {
			n++
		}
	}
	return n
}

// conform is the suite of one chip behind one reader.
func (s *desk) conform() {
	s.writesAndReadsBack()
	s.staysInside()
	s.needsItsSecret()
	s.keepsTheLastTry()
}

func (s *desk) writesAndReadsBack() {
	s.t.Helper()
	m, done := s.open()
	area := m.Areas()[s.area]
	done()
	for i, span := range spans(area) {
		data := pattern(span[1], byte(0x11*(i+1)))
		if err := s.put(span[0], data); err != nil {
			s.t.Errorf("%d bytes at %d: %v", span[1], span[0], err)
		}
		if got := s.holds(span[0], span[1]); !bytes.Equal(got, data) {
			s.t.Errorf("%d bytes at %d: %X, want %X", span[1], span[0], got, data)
		}
	}
}

// spans are offsets and lengths that an area of that mode takes: all of it, its end, and odd places.
func spans(a driver.Area) [][2]int {
	switch a.Mode {
	case driver.Erase:
		return [][2]int{{0, a.Size}, {0, a.Size}}
	case driver.Blocks:
		return [][2]int{{0, a.Size}, {a.Size - a.Unit, a.Unit}}
	}
	return [][2]int{{32, a.Size - 32}, {a.Size - 1, 1}, {33, 61}, {a.Size - 47, 45}}
}

func (s *desk) staysInside() {
	s.t.Helper()
	m, done := s.open()
	defer done()
	if err := unlock(m, s.area, s.right); err != nil {
		s.t.Fatal(err)
	}
	area, sent := m.Areas()[s.area], len(s.slot.Log())
	for _, span := range [][2]int{{-1, 1}, {0, 0}, {0, -1}, {0, area.Size + 1}, {area.Size, 1}, {1, area.Size}} {
		if _, err := m.Read(s.area, span[0], span[1]); !errors.Is(err, driver.ErrRange) {
			s.t.Errorf("read %v: %v", span, err)
		}
		if err := m.Write(s.area, span[0], make([]byte, max(0, span[1]))); !errors.Is(err, driver.ErrRange) {
			s.t.Errorf("write %v: %v", span, err)
		}
	}
	for _, wrong := range []driver.Secret{{}, {Use: s.right0().Use}, {Use: 99, Code: s.right0().Code}} {
		if err := m.Unlock(s.area, wrong); len(s.right) > 0 && !errors.Is(err, driver.ErrUse) {
			s.t.Errorf("unlocked with %+v: %v", wrong, err)
		}
	}
	if now := len(s.slot.Log()); now != sent {
		s.t.Errorf("%d commands were sent for what cannot be", now-sent)
	}
}

func (s *desk) right0() driver.Secret {
	if len(s.right) == 0 {
		return driver.Secret{}
	}
	return s.right[0]
}

// needsItsSecret: nothing is written without the secret, and a wrong one is presented once.
func (s *desk) needsItsSecret() {
	s.t.Helper()
	if len(s.wrong) == 0 {
		return
	}
	before, presented := s.chip.Image(), s.presented()
	m, done := s.open()
	area := m.Areas()[s.area]
	data := pattern(spans(area)[0][1], 0x77)
	if err := m.Write(s.area, spans(area)[0][0], data); !errors.Is(err, driver.ErrLocked) {
		s.t.Errorf("written without the secret: %v", err)
	}
	if area.Read != driver.Free {
		if _, err := m.Read(s.area, 0, area.Unit); !errors.Is(err, driver.ErrLocked) {
			s.t.Errorf("read without the secret: %v", err)
		}
	}
	if !bytes.Equal(s.chip.Image(), before) {
		s.t.Error("the chip changed")
	}
	for range 3 {
		if err := unlock(m, s.area, s.wrong); !errors.Is(err, driver.ErrSecret) {
			s.t.Errorf("the wrong secret: %v", err)
		}
	}
	if err := m.Write(s.area, spans(area)[0][0], data); !errors.Is(err, driver.ErrLocked) {
		s.t.Errorf("written after the wrong secret: %v", err)
	}
	done()
	if n := s.presented() - presented; n != 1 {
		s.t.Errorf("a wrong secret was presented %d times", n)
	}
	if s.most > 0 && s.tries(s.chip) != s.most-1 {
		s.t.Errorf("%d tries are left of %d", s.tries(s.chip), s.most)
	}
	if err := s.put(s.offset, pattern(s.length, 0x21)); err != nil {
		s.t.Errorf("the right secret after a wrong one: %v", err)
	}
}

func (s *desk) presented() int { return s.sent(0x20) + s.sent(0x86) }

// keepsTheLastTry: with one try left, the right secret is not presented either.
func (s *desk) keepsTheLastTry() {
	s.t.Helper()
	if s.most == 0 {
		return
	}
	for left, want := range []error{driver.ErrBlocked, driver.ErrTriesLow} {
		s.leave(s.chip, left)
		before, presented := s.chip.Image(), s.presented()
		if err := s.put(s.offset, pattern(s.length, 0x31)); !errors.Is(err, want) {
			s.t.Errorf("%d tries left: %v", left, err)
		}
		if !bytes.Equal(s.chip.Image(), before) || s.presented() != presented {
			s.t.Errorf("%d tries left: something was presented", left)
		}
	}
	s.leave(s.chip, 2)
	if err := s.put(s.offset, pattern(s.length, 0x31)); err != nil || s.tries(s.chip) != s.most {
		s.t.Errorf("two tries left: %v, then %d", err, s.tries(s.chip))
	}
}

// TestConformance runs the suite on the emulators, each behind each firmware.
func TestConformance(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		for name, d := range k.dialects() {
			t.Run(fmt.Sprintf("%s, %s", k.name, name), func(t *testing.T) {
				t.Parallel()
				newDesk(t, k, d.firmware, d.dialect).conform()
			})
		}
	}
}
