package driver_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// fault is one column of the grid.
type fault struct {
	name string
	do   cardsim.Effect
}

// faults are what can happen to one command; n is how many bytes a write or an answer may have.
func faults(n int) (all []fault) {
	add := func(name string, do cardsim.Effect) { all = append(all, fault{name, do}) }
	add("lost", cardsim.FailBefore())
	add("answer lost", cardsim.LoseAnswer())
	add("pulled before", cardsim.PullBefore())
	add("pulled after", cardsim.PullAfter())
	add("ignored", cardsim.Ignore())
	for k := range 5 {
		add(fmt.Sprintf("answer of %d more", k+1), cardsim.Long(k+1))
	}
	for k := range n + 6 {
		add(fmt.Sprintf("answer of %d bytes", k), cardsim.Short(k))
		add(fmt.Sprintf("torn at %d, rest old", k), cardsim.Tear(k, cardsim.OldBytes))
		add(fmt.Sprintf("torn at %d, rest erased", k), cardsim.Tear(k, cardsim.ErasedBytes))
	}
	return all
}

// commands is how many a put takes.
func (s *desk) commands(offset int, data []byte) int {
	s.t.Helper()
	before := len(s.slot.Log())
	if err := s.put(offset, data); err != nil {
		s.t.Fatal(err)
	}
	return len(s.slot.Log()) - before
}

// TestFaultGrid puts every fault at every command of a write: done is never
// reported falsely, and the last try is never spent, neither by the write that was cut
// nor by those after it, whether they start with all tries or with two.
func TestFaultGrid(t *testing.T) {
	t.Parallel()
	for _, k := range kinds() {
		for name, d := range k.dialects() {
			t.Run(fmt.Sprintf("%s, %s", k.name, name), func(t *testing.T) {
				t.Parallel()
				s := newDesk(t, k, d.firmware, d.dialect)
				cuts := 0
				for n := range s.commands(k.offset, pattern(k.length, 0)) {
					for i, f := range faults(k.length) {
						s.survives(fmt.Sprintf("%s at command %d", f.name, n), cardsim.Nth(n), f.do, byte(i))
						cuts++
					}
				}
				t.Logf("%d faults", cuts)
			})
		}
	}
}

func (s *desk) survives(name string, when cardsim.When, do cardsim.Effect, seed byte) {
	s.t.Helper()
	old, data := pattern(s.length, seed+1), pattern(s.length, seed)
	levels := []int{0}
	if s.most > 0 {
		levels = []int{2, s.most}
	}
	for _, tries := range levels {
		s.slot.Insert(s.chip)
		if err := s.put(s.offset, old); err != nil {
			s.t.Fatalf("before %s: %v", name, err)
		}
		if s.most > 0 {
			s.leave(s.chip, tries)
		}
		s.slot.Inject(when, do)
		err := s.put(s.offset, data)
		if s.slot.Waiting() > 0 {
			s.t.Fatalf("%s: it never happened", name)
		}
		s.slot.Insert(s.chip)
		s.after(name, err, data)
	}
}

// after judges what a fault left: err is what the write reported.
func (s *desk) after(name string, err error, data []byte) {
	s.t.Helper()
	if err == nil && !bytes.Equal(s.holds(s.offset, s.length), data) {
		s.t.Errorf("%s: reported done, and is not", name)
	}
	for range 3 {
		if err = s.put(s.offset, data); err != nil && !errors.Is(err, driver.ErrTriesLow) {
			s.t.Errorf("%s: again: %v", name, err)
		}
	}
	if s.most > 0 && s.tries(s.chip) == 0 {
		s.t.Fatalf("%s: the last try was spent", name)
	}
	if err == nil && !bytes.Equal(s.holds(s.offset, s.length), data) {
		s.t.Errorf("%s: again: reported done, and is not", name)
	}
	if s.most > 0 {
		s.leave(s.chip, s.most)
	}
}
