package cardio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// swapping is a reader in which the card is exchanged for another one of its kind before the n-th command, and nobody
// notices: it selects the new chip's type by itself, as it was told to with the old one.
type swapping struct {
	cardio.Reader
	other cardio.Reader
	nth   int
}

type swappingLink struct {
	cardio.Link
	reader *swapping
	sent   int
	told   [][]byte // what the reader was told about the chip
}

func (r *swapping) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Reader.Connect(ctx)
	return &swappingLink{Link: l, reader: r}, err
}

func (l *swappingLink) Transmit(command []byte) ([]byte, error) {
	if command[0] == 0xFF && (command[1] == 0xA4 || command[1] == 0x01) {
		l.told = append(l.told, command)
	}
	if l.sent++; l.sent-1 == l.reader.nth {
		if err := l.swap(); err != nil {
			return nil, err
		}
	}
	return l.Link.Transmit(command)
}

func (l *swappingLink) swap() error {
	_ = l.Link.Close()
	var err error
	if l.Link, err = l.reader.other.Connect(context.Background()); err != nil {
		return err
	}
	for _, command := range l.told {
		if _, err := l.Link.Transmit(command); err != nil {
			return err
		}
	}
	return nil
}

// TestSwapEverywhere exchanges the card at every command of a top-up, on every layout and chip. The verdict is true of the
// card that was judged, whenever it was. Another customer's card that comes before the card was looked at again is not
// written; one whose chip has a number is never written.
func TestSwapEverywhere(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, []*cardfile.Layout{c.layout})
			other := s.second(t)
			before := len(s.slot.Log())
			if _, err := s.look(); err != nil {
				t.Fatal(err)
			}
			read := len(s.slot.Log()) - before
			commands := s.commands()
			safe := read
			for safe < read+c.looks() && commands[safe].INS == 0xB0 { // the card is looked at again
				safe++
			}
			if _, numbered := other.(*cardsim.Classic); numbered || c.chip == driver.FMCOS {
				safe = len(commands)
			}
			for n := range commands {
				s.swap(fmt.Sprintf("exchanged before command %d of %d", n, len(commands)), n, other, n < safe)
			}
			for _, f := range s.failures {
				t.Error(f)
			}
			if safe == read {
				t.Errorf("command %d, the first after reading, is no reading", read)
			}
		})
	}
}

// TestIssueSwappedEverywhere puts a customer's card in the place of a blank memory chip while that is issued: it is not written
// unless it came while the blank one was looked at again, or after.
func TestIssueSwappedEverywhere(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		if c.chip == driver.FMCOS {
			continue // TestIssueSwapped
		}
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, []*cardfile.Layout{c.layout})
			blank := fresh(s.chip, 3, s.terminal.Codes.(*sam.File))
			s.slot.Insert(blank)
			before := len(s.slot.Log())
			if _, err := s.look(); !errors.Is(err, cardio.ErrBlankCard) {
				t.Fatal(err)
			}
			was := memoryOf(s.card)
			for n := range len(s.slot.Log()) - before + 1 {
				aside := cardsim.NewSlot("aside")
				aside.Insert(s.card)
				s.terminal.Reader = &swapping{Reader: s.slot, other: aside, nth: n}
				if made, err := s.terminal.Issue(t.Context(), s.newCard()); err == nil {
					_ = made.Close()
					t.Errorf("exchanged before command %d: issued", n)
				}
				if !bytes.Equal(memoryOf(s.card), was) {
					t.Errorf("exchanged before command %d: the customer's card was written", n)
				}
			}
		})
	}
}

// looks is how many readings it takes to look at the card again.
func (c combination) looks() (n int) {
	for _, written := range c.layout.Written() {
		if written {
			n++
		}
	}
	return n
}

// second issues another card of the same kind, with another number, by the same utility.
func (s *trial) second(t *testing.T) cardsim.Chip {
	t.Helper()
	other := fresh(s.chip, 2, s.terminal.Codes.(*sam.File))
	s.slot.Insert(other)
	n := s.newCard()
	n.Number = n.Number[:len(n.Number)-1] + "9"
	made, err := s.terminal.Issue(t.Context(), n)
	if err != nil {
		t.Fatalf("%s: issue: %v", s, err)
	}
	_ = made.Close()
	s.slot.Insert(s.card)
	return other
}

// swap loads an order while the card is exchanged for the other, which must not be written where that is safe.
func (s *trial) swap(name string, n int, other cardsim.Chip, safe bool) {
	s.slot.Insert(s.card)
	s.home()
	before, err := s.look()
	if err != nil {
		s.fail("%s: before: %v", name, err)
		return
	}
	aside := cardsim.NewSlot("aside")
	aside.Insert(other)
	was := memoryOf(other)
	o, link := s.next(before.Purse), &swapping{Reader: s.slot, other: aside, nth: n}
	s.terminal.Reader = link
	verdict, err := s.load(o)
	s.terminal.Reader = s.slot
	aside.Pull()
	if !bytes.Equal(memoryOf(other), was) {
		if safe {
			s.fail("%s: the other card was written: %v, %v", name, verdict, err)
		}
		if err := cardsim.Restore(other, was); err != nil {
			s.fail("%s: %v", name, err)
		}
		verdict = cardio.InDoubt // a chip without a number that took all of the write is the card, by all that it says
	}
	s.settle(name, o, verdict)
}

// memoryOf is what a chip holds, with all tries: a code of another card costs one.
func memoryOf(c cardsim.Chip) []byte {
	if c, ok := c.(*cardsim.SLE); ok {
		c.SetCounter(0xFF)
	}
	return c.Image()
}
