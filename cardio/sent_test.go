package cardio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// pressed is a link that tells whether a command that writes was handed to it.
type pressed struct {
	cardio.Link
	wrote *bool
}

func (l pressed) Transmit(command []byte) ([]byte, error) {
	e := cardsim.Entry{CLA: command[0], INS: command[1], P1: command[2], P2: command[3], Lc: len(command)}
	*l.wrote = *l.wrote || written(e) > 0
	return l.Link.Transmit(command)
}

// pressing is a reader whose links are pressed.
type pressing struct {
	cardio.Reader
	wrote bool
}

func (r *pressing) Connect(ctx context.Context) (cardio.Link, error) {
	l, err := r.Reader.Connect(ctx)
	return pressed{l, &r.wrote}, err
}

// TestOnlyWhatWasSentIsInDoubt loses every command of a top-up, and every answer, on every layout and chip. Where no write
// was handed to the link the verdict is Untouched, and over a link that died after one it is InDoubt.
func TestOnlyWhatWasSentIsInDoubt(t *testing.T) {
	t.Parallel()
	for _, c := range append(combinations(t), acrossSectors(t)) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			s := c.trial(t, []*cardfile.Layout{c.layout})
			seen := map[cardio.Verdict]int{}
			for n := range s.commands() {
				for name, do := range map[string]cardsim.Effect{"lost": cardsim.FailBefore(), "its answer lost": cardsim.LoseAnswer()} {
					seen[s.sent(fmt.Sprintf("command %d %s", n, name), n, do)]++
				}
			}
			for _, f := range s.failures {
				t.Error(f)
			}
			if seen[cardio.Untouched] == 0 || seen[cardio.InDoubt] == 0 {
				t.Errorf("verdicts: %v", seen)
			}
		})
	}
}

// acrossSectors is vg1 a block further on MIFARE, so that a slot lies in two sectors: what opens the second comes between
// the two halves of a write, and what opens the first again before them.
func acrossSectors(t *testing.T) combination {
	t.Helper()
	text := string(vg1File(t))
	for _, r := range [...][2]string{
		{`{"area": "sector6", "offset": 0, "size": 32}`, `{"area": "sector7", "offset": 0, "size": 32}`},
		{`{"area": "sector5", "offset": 0, "size": 48}`, `{"area": "sector6", "offset": 0, "size": 48}`},
		{`{"area": "sector4", "offset": 0, "size": 48}`, `{"area": "sector5", "offset": 0, "size": 48}`},
		{`{"area": "sector3", "offset": 0, "size": 48}`, `{"area": "sector3", "offset": 0, "size": 48}, {"area": "sector4", "offset": 0, "size": 16}`},
		{`{"area": "sector1", "offset": 0, "size": 48}`, `{"area": "sector1", "offset": 16, "size": 32}`},
	} {
		if strings.Count(text, r[0]) != 1 {
			t.Fatalf("vg1 has no %s", r[0])
		}
		text = strings.Replace(text, r[0], r[1], 1)
	}
	l, err := cardfile.Parse([]byte(text))
	if err == nil {
		err = cardio.Fits(l)
	}
	if err != nil {
		t.Fatal(err)
	}
	return combination{driver.Mifare1K, l}
}

// sent loads with a fault at the n-th command, and holds the verdict against what the link was handed.
func (s *trial) sent(name string, n int, do cardsim.Effect) cardio.Verdict {
	s.slot.Insert(s.card)
	s.home()
	before, err := s.look()
	if err != nil {
		s.fail("%s: before: %v", name, err)
		return cardio.Loaded
	}
	o, link := s.next(before.Purse), &pressing{Reader: s.slot}
	s.terminal.Reader = link
	s.slot.Inject(cardsim.Nth(n), do)
	verdict, err := s.load(o)
	s.terminal.Reader = s.slot
	want := cardio.Untouched
	if link.wrote {
		want = cardio.InDoubt
	}
	if errors.Is(err, cardio.ErrLinkDead) && verdict != want {
		s.fail("%s: %v, want %v (%v)", name, verdict, want, err)
	}
	if s.slot.Waiting() > 0 { // this top-up had fewer commands than the first
		s.slot = cardsim.NewSlot("another")
		s.terminal.Reader = s.slot
	}
	s.settle(name, o, verdict)
	return verdict
}

// TestLiftedCard: a contactless card that is lifted while it is read refuses what it is asked, and is still a known card.
func TestLiftedCard(t *testing.T) {
	t.Parallel()
	s := combined(t, "vg1", driver.Mifare1K)
	before := len(s.slot.Log())
	if _, err := s.look(); err != nil {
		t.Fatal(err)
	}
	for n := range len(s.slot.Log()) - before {
		s.slot.Insert(s.card)
		gone := func(i int, command []byte) bool { return i >= n && command[1] != 0x82 } // to load a key takes no card
		for range 20 {
			s.slot.Inject(gone, cardsim.Refuse(0x6300))
		}
		if _, err := s.look(); err != nil && errors.Is(err, cardio.ErrUnknownCard) && n > 0 {
			t.Errorf("lifted at command %d: %v", n, err)
		}
		s.another()
	}
}
