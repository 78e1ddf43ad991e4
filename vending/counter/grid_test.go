package counter_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending/counter"
)

const (
	getChallenge = 0x84
	updateBinary = 0xD6
	vendorFile   = 1
)

// cut is one way to cut a top-up, on the card's side or on the database's.
type cut struct {
	name string
	arm  func(slot *cardsim.Slot, db *wire, other *cardsim.Card)
}

// cardCuts are what can happen at one command to the card.
var cardCuts = []struct {
	name string
	do   func(other *cardsim.Card) cardsim.Effect
}{
	{"not done", func(*cardsim.Card) cardsim.Effect { return cardsim.FailBefore() }},
	{"done, answer lost", func(*cardsim.Card) cardsim.Effect { return cardsim.LoseAnswer() }},
	{"no byte answered", func(*cardsim.Card) cardsim.Effect { return cardsim.Short(0) }},
	{"one byte answered", func(*cardsim.Card) cardsim.Effect { return cardsim.Short(1) }},
	{"two bytes answered", func(*cardsim.Card) cardsim.Effect { return cardsim.Short(2) }},
	{"late", func(*cardsim.Card) cardsim.Effect { return cardsim.Late(time.Millisecond) }},
	{"pulled before", func(*cardsim.Card) cardsim.Effect { return cardsim.PullBefore() }},
	{"pulled after", func(*cardsim.Card) cardsim.Effect { return cardsim.PullAfter() }},
	{"swapped before", func(other *cardsim.Card) cardsim.Effect { return cardsim.SwapBefore(other) }},
	{"swapped after", func(other *cardsim.Card) cardsim.Effect { return cardsim.SwapAfter(other) }},
}

var commitCuts = []struct {
	name string
	do   func(*cutConn, []byte) error
}{
	{"not sent", commitNotSent},
	{"committed, answer lost", commitAnswerLost},
	{"on its way", commitOnItsWay},
}

// size is how many commands, bytes and commits an uncut top-up takes.
type size struct{ commands, bytes, commits int }

func (w *world) measure(t *testing.T) size {
	t.Helper()
	h := w.household(t)
	slot, db := slotWith(h), new(wire)
	s, err := w.open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.arm(-1, nil)
	if _, err := w.desk(s).TopUp(t.Context(), w.terminal(slot), request(topUpFen)); err != nil {
		t.Fatal(err)
	}
	n := size{commands: len(slot.Log()), commits: db.commits}
	for _, e := range slot.Log() {
		if e.INS == updateBinary {
			n.bytes += e.Lc
		}
	}
	return n
}

// grid is every cut of a top-up of that size, torn at every so many bytes.
func grid(n size, every int) []cut {
	var cuts []cut
	for i := range n.commands {
		for _, c := range cardCuts {
			cuts = append(cuts, cut{fmt.Sprintf("command %d %s", i, c.name),
				func(slot *cardsim.Slot, _ *wire, other *cardsim.Card) { slot.Inject(cardsim.Nth(i), c.do(other)) }})
		}
	}
	for k := 0; k <= n.bytes; k += every {
		for _, rest := range []cardsim.Rest{cardsim.OldBytes, cardsim.ErasedBytes} {
			cuts = append(cuts, cut{fmt.Sprintf("write torn at byte %d, rest erased: %t", k, rest),
				func(slot *cardsim.Slot, _ *wire, _ *cardsim.Card) {
					slot.Inject(cardsim.OnINS(updateBinary), cardsim.Tear(k, rest))
				}})
		}
	}
	for i := range n.commits {
		for _, c := range commitCuts {
			cuts = append(cuts, cut{fmt.Sprintf("commit %d %s", i, c.name),
				func(_ *cardsim.Slot, db *wire, _ *cardsim.Card) { db.arm(i, c.do) }})
		}
	}
	return cuts
}

// oneOf is one of so many cuts, beginning anywhere, so that make test ends in time; make soak has them all. The names in a failure
// are those of the whole grid.
func oneOf(t *testing.T, many int, cuts []cut) (some []cut) {
	t.Helper()
	if os.Getenv("SOAK") != "" {
		return cuts
	}
	for i := rand.IntN(many); i < len(cuts); i += many {
		some = append(some, cuts[i])
	}
	t.Logf("%d of %d cuts, beginning at %q", len(some), len(cuts), some[0].name)
	return some
}

// trial is one household whose top-up is cut, then perhaps its resume, and then
// goes through the aftermath. It returns all that did not hold.
func (w *world) trial(t *testing.T, first cut, second *cut, through func(counter.Terminal) counter.Terminal) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	h, stranger := w.household(t), w.household(t)
	untouched := stranger.chip.File(vendorFile)
	a := &aftermath{world: w, home: h, req: request(topUpFen)}
	a.sit(slotWith(h), through)
	a.claimed, a.err = w.cutShort(ctx, a, stranger.chip, first, func(d *counter.Desk) (counter.Outcome, error) {
		return d.TopUp(ctx, a.terminal, a.req)
	})
	if second != nil {
		a.sit(slotWith(h), through)
		w.cutShort(ctx, a, stranger.chip, *second, func(d *counter.Desk) (counter.Outcome, error) {
			return d.Resume(ctx, a.terminal)
		})
	}
	a.sit(slotWith(h), through) // another reader: what did not happen to the first does not happen here
	a.check(ctx)
	if !bytes.Equal(untouched, stranger.chip.File(vendorFile)) {
		a.fault("another customer's card was written")
	}
	return a.faults
}

// sit takes the card to a reader.
func (a *aftermath) sit(slot *cardsim.Slot, through func(counter.Terminal) counter.Terminal) {
	a.slot, a.terminal = slot, through(a.world.terminal(slot))
}

// cutShort runs one request in a service of its own, which ends with it.
func (w *world) cutShort(ctx context.Context, a *aftermath, other *cardsim.Card, c cut,
	do func(*counter.Desk) (counter.Outcome, error)) (counter.Outcome, error) {
	db := new(wire)
	s, err := w.open(ctx, db)
	if err != nil {
		a.fault("open: %v", err)
		return counter.Outcome{}, err
	}
	defer s.Close()
	c.arm(a.slot, db, other)
	return do(w.desk(s))
}

func honest(t counter.Terminal) counter.Terminal { return t }

// TestGrid cuts a top-up at every command to the card, at every byte that is
// written and at every commit.
func TestGrid(t *testing.T) {
	w := newWorld(t)
	n := w.measure(t)
	cuts := grid(n, 1)
	t.Run("cut", func(t *testing.T) {
		for _, c := range cuts {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				failAll(t, c.name, w.trial(t, c, nil, honest))
			})
		}
	})
	t.Logf("%d cuts of a top-up of %d commands, %d bytes written and %d commits; books clean and every purchase settled after each",
		len(cuts), n.commands, n.bytes, n.commits)
}

// TestGridOfResume cuts the resume too, after cuts that leave a purchase pending.
func TestGridOfResume(t *testing.T) {
	w := newWorld(t)
	n := w.measure(t)
	pending := []cut{
		{"answer to the write lost and card pulled", func(s *cardsim.Slot, _ *wire, _ *cardsim.Card) {
			s.Inject(cardsim.OnINS(updateBinary), cardsim.PullAfter())
		}},
		{"write torn", func(s *cardsim.Slot, _ *wire, _ *cardsim.Card) {
			s.Inject(cardsim.OnINS(updateBinary), cardsim.Tear(20, cardsim.ErasedBytes))
		}},
		{"intent committed, service gone", func(_ *cardsim.Slot, db *wire, _ *cardsim.Card) { db.arm(1, commitAnswerLostForGood) }},
		{"written, settling lost", func(_ *cardsim.Slot, db *wire, _ *cardsim.Card) { db.arm(n.commits-1, commitNotSent) }},
	}
	var tried atomic.Int64
	t.Run("cut", func(t *testing.T) {
		for _, first := range pending {
			w := newWorld(t) // CheckBooks reads all of a world: keep it small
			for _, second := range oneOf(t, 2, grid(n, 6)) {
				name := first.name + "; then " + second.name
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					tried.Add(1)
					failAll(t, name, w.trial(t, first, &second, honest))
				})
			}
		}
	})
	t.Logf("%d cuts of a resume after a cut top-up", tried.Load())
}

// TestGridFindsABrokenJudge: the grid would notice a judge that takes doubt for
// either answer.
func TestGridFindsABrokenJudge(t *testing.T) {
	w := newWorld(t)
	n := w.measure(t)
	var cuts []cut
	for _, c := range grid(n, n.bytes/2) {
		// The last two commands are the write and the read-back: the others leave no doubt.
		if strings.HasPrefix(c.name, fmt.Sprint("command ", n.commands-2)) ||
			strings.HasPrefix(c.name, fmt.Sprint("command ", n.commands-1)) || strings.HasPrefix(c.name, "write torn") {
			cuts = append(cuts, c)
		}
	}
	for _, believed := range []cardio.Verdict{cardio.Loaded, cardio.Untouched} {
		t.Run("in doubt is taken for "+believed.String(), func(t *testing.T) {
			t.Parallel()
			found := 0
			for _, c := range cuts {
				faults := w.trial(t, c, nil, func(t counter.Terminal) counter.Terminal { return credulous{t, believed} })
				if len(faults) > 0 {
					found++
				}
			}
			if found == 0 {
				t.Errorf("none of %d cuts found the broken judge", len(cuts))
			}
			t.Logf("%d of %d cuts found it", found, len(cuts))
		})
	}
}

// credulous is a terminal whose judge believes something where nothing is proved.
type credulous struct {
	counter.Terminal
	believed cardio.Verdict
}

func (c credulous) Present(ctx context.Context) (counter.Card, error) {
	card, err := c.Terminal.Present(ctx)
	if err != nil {
		return nil, err
	}
	return credulousCard{card, c.believed}, nil
}

type credulousCard struct {
	counter.Card
	believed cardio.Verdict
}

func (c credulousCard) Load(o cardio.Order) (cardio.Verdict, error) {
	v, err := c.Card.Load(o)
	if v == cardio.InDoubt {
		return c.believed, nil
	}
	return v, err
}
