package cardio_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// onMaster picks the first presentation of the MF's key.
func onMaster(_ int, command []byte) bool { return command[1] == 0x82 && command[3] == 0 }

// presented is how often the MF's key was.
func (s *trial) presented() (n int) {
	for _, e := range s.slot.Log() {
		if e.INS == 0x82 && e.P2 == 0 {
			n++
		}
	}
	return n
}

// restart forgets what the service had in memory.
func (s *trial) restart() { s.terminal.Spared = &cardio.Spared{} }

// refusals are the ways in which an MF refuses the maker's key; with the key that it gets back, it takes it again. The
// tries are those that a refusal costs.
var refusals = map[string]struct {
	sw    uint16 // 0: the MF has another key
	tries bool
}{
	"another key":       {0, true},
	"nine left":         {0x63C9, true},
	"one left":          {0x63C1, true},
	"none left":         {0x63C0, true},
	"locked":            {0x6983, true},
	"wrong, uncounted":  {0x6988, true},
	"wrong, in PBOC":    {0x9302, true},
	"no such key":       {0x6A88, false},
	"not in this state": {0x6982, false},
}

// refusing is a card that is to be keyed anew, on a line of T=0 or T=1, whose MF refuses our key so.
func refusing(t *testing.T, sw uint16, t0 bool) *trial {
	t.Helper()
	s, _ := combination{driver.FMCOS, rekeyable(t)[0].layout}.rotated(t)
	s.slot = cardsim.NewSlot("T=1")
	if t0 {
		s.slot = cardsim.NewT0("T=0")
	}
	s.terminal.Reader = s.slot
	s.slot.Insert(s.card)
	if sw == 0 {
		s.card.(*cardsim.Card).TakeMaster()
	} else {
		s.slot.Inject(onMaster, cardsim.Refuse(sw))
	}
	s.restart()
	return s
}

// TestRekeyRefusedByTheMF: a card whose MF does not take our key is not begun to be keyed anew. It goes on working, in that
// presentation and in all later ones, and the key is presented to it once.
func TestRekeyRefusedByTheMF(t *testing.T) {
	t.Parallel()
	for name, test := range refusals {
		for line, t0 := range map[string]bool{"T=1": false, "T=0": true} {
			t.Run(name+" over "+line, func(t *testing.T) {
				t.Parallel()
				s := refusing(t, test.sw, t0)
				s.refusedOnce(t)
				if !test.tries {
					return // the card counts nothing: it may be asked again
				}
				for range 9 {
					if err := s.rekey(); !errors.Is(err, cardio.ErrAuthTriesLow) || errors.Is(err, cardio.ErrHalfKeyed) {
						t.Errorf("again: %v", err)
					}
				}
				if n := s.presented(); n != 1 {
					t.Errorf("the key was presented %d times", n)
				}
				s.sells(t)
			})
		}
	}
}

// refusedOnce demands that a keying is refused with nothing done, and that the same presentation can load the card.
func (s *trial) refusedOnce(t *testing.T) {
	t.Helper()
	card, err := s.terminal.Present(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := len(s.slot.Log())
	err = card.Rekey(2)
	if err == nil || errors.Is(err, cardio.ErrHalfKeyed) || s.presented() != 1 {
		t.Errorf("%v, presented %d times", err, s.presented())
	}
	for _, e := range s.slot.Log()[before:] {
		if e.INS == 0xD4 || e.INS == 0xD6 {
			t.Errorf("the card was written: %02X%02X", e.CLA, e.INS)
		}
	}
	if len(s.journal.kept) > 0 {
		t.Error("the journal has a keying that was not begun")
	}
	if v, err := card.Load(s.next(card.Contents().Purse)); v != cardio.Loaded {
		t.Errorf("in the same presentation: %v, %v", v, err)
	}
	_ = card.Close()
}

// sells demands that the card is one of version 1 and takes a purchase.
func (s *trial) sells(t *testing.T) {
	t.Helper()
	now, err := s.look()
	if err != nil || now.Identity.KeyVersion != 1 {
		t.Fatalf("%+v, %v", now, err)
	}
	if v, err := s.load(s.next(now.Purse)); v != cardio.Loaded {
		t.Errorf("%v, %v", v, err)
	}
}

// TestRekeyRefusedAndRestarted: a service that starts anew asks the MF once more where it is to key the card, and never
// to read it or to sell to it. Once the MF has our key again the card is keyed anew.
func TestRekeyRefusedAndRestarted(t *testing.T) {
	t.Parallel()
	s := refusing(t, 0, false)
	chip := s.card.(*cardsim.Card)
	for starts := byte(1); starts <= 5; starts++ {
		s.restart()
		for range 4 {
			s.sells(t)
			if err := s.rekey(); err == nil || errors.Is(err, cardio.ErrHalfKeyed) {
				t.Errorf("start %d: %v", starts, err)
			}
		}
		if left := chip.MasterTries(); left != 10-starts {
			t.Errorf("start %d: %d tries are left", starts, left)
		}
	}
	chip.TakeMaster() // back
	s.restart()
	before, err := s.look()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.rekey(); err != nil {
		t.Fatal(err)
	}
	if now, err := s.look(); err != nil || now.Identity.KeyVersion != 2 || now.Purse != before.Purse {
		t.Errorf("%+v, %v", now, err)
	}
}

// TestRekeyCompletedByNoMF: a keying that was cut, on a card whose MF got another key since, spends one try and not one
// at each counter; with the key back it is completed.
func TestRekeyCompletedByNoMF(t *testing.T) {
	t.Parallel()
	for _, ins := range []byte{0x82, 0xD4} { // the MF's key is refused, or the MAC under it
		s, _ := combination{driver.FMCOS, rekeyable(t)[0].layout}.rotated(t)
		before, err := s.look()
		if err != nil {
			t.Fatal(err)
		}
		chip := s.card.(*cardsim.Card)
		s.slot.Inject(cardsim.OnINS(0xD4), cardsim.PullBefore())
		if err := s.rekey(); !errors.Is(err, cardio.ErrHalfKeyed) {
			t.Fatal(err)
		}
		s.slot.Insert(s.card)
		if ins == 0x82 {
			chip.TakeMaster()
		} else {
			s.slot.Inject(cardsim.OnINS(ins), cardsim.Refuse(0x6988))
		}
		asked := s.presented()
		for range 9 {
			if _, err := s.look(); !errors.Is(err, cardio.ErrHalfKeyed) {
				t.Errorf("%v", err)
			}
		}
		if n := s.presented() - asked; n != 1 {
			t.Errorf("%02X: the key was presented %d times", ins, n)
		}
		if ins == 0x82 {
			chip.TakeMaster() // back
		}
		s.restart()
		if now, err := s.look(); err != nil || now.Identity.KeyVersion != 2 || now.Purse != before.Purse {
			t.Errorf("%02X: %+v, %v", ins, now, err)
		}
	}
}

// TestIssuedAnewIsNotSpared: a CPU card that refused our key and was erased and issued again has other keys, on a chip of the
// same number: no counter leaves it alone any more. So too where the last answer of the issue was lost.
func TestIssuedAnewIsNotSpared(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]bool{"issued": false, "last answer lost": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.Terminal.Spared = &cardio.Spared{}
			last := b.lastWrite()
			b.issued(1)
			o := after(b.read().Purse, 10)
			b.slot.Inject(cardsim.OnINS(0x82), cardsim.Refuse(0x63C1))
			for range 2 {
				if v, err := load(b.Terminal, o); v != cardio.Untouched || !errors.Is(err, cardio.ErrAuthTriesLow) {
					t.Errorf("%v, %v", v, err)
				}
			}
			chip := cardsim.NewBlank(uid(1)) // erased
			b.slot.Insert(chip)
			if lost {
				b.slot.Inject(cardsim.Nth(last), cardsim.LoseAnswer())
			}
			c, err := b.Issue(t.Context(), newCard)
			if (err != nil) != lost {
				t.Fatal(err)
			}
			if err == nil {
				b.close(c)
			}
			b.slot.Insert(chip)
			counter := &cardio.Terminal{Reader: b.slot, Keys: b.Keys, Utility: utility, Spared: b.Spared}
			if v, err := load(counter, after(b.read().Purse, 10)); v != cardio.Loaded {
				t.Errorf("%v, %v", v, err)
			}
		})
	}
}

// lastWrite is which command of an issue is its last write.
func (b *bench) lastWrite() (n int) {
	b.t.Helper()
	b.issued(9)
	for i, e := range b.slot.Log() {
		if e.INS == 0xD6 {
			n = i
		}
	}
	return n
}
