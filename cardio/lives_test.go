package cardio_test

import (
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
)

// life is a card of any layout on any chip, and what the books say of it: the last purchase that was proved, and one that
// is pending at most.
type life struct {
	*trial
	count   uint32
	total   int64
	pending *cardio.Order
}

// faulty waits for the n-th command that presents no code: what a cut there costs is the driver's grid's affair.
func faulty(n int) cardsim.When {
	return func(i int, command []byte) bool {
		code := command[0] == 0xFF && command[1] == 0x20 && command[3] != 0x56 && command[3] != 0x9C
		return i >= n && !code
	}
}

// counter is a new place at which the card is put in, with a fault on the way or none.
func (l *life) counter(t *rapid.T, faults int) {
	l.slot.Pull()
	l.slot = cardsim.NewSlot("counter")
	l.terminal.Reader = l.slot
	l.slot.Insert(l.card)
	for range faults {
		l.slot.Inject(faulty(rapid.IntRange(0, 70).Draw(t, "command")), effects(t))
	}
}

// buy begins a purchase, once the meter has taken the last one.
func (l *life) buy(t *rapid.T) {
	if l.pending != nil {
		return
	}
	l.counter(t, 0)
	l.home()
	now, err := l.look()
	if err != nil {
		t.Fatalf("before a purchase: %v", err)
	}
	o := l.next(now.Purse)
	o.Credit = 10 * rapid.Int64Range(1, 200).Draw(t, "credit")
	o.Total = now.Purse.Total + o.Credit
	l.pending = &o
}

// bring loads what is pending, with a fault on the way.
func (l *life) bring(t *rapid.T) {
	if l.pending == nil {
		return
	}
	l.counter(t, rapid.IntRange(0, 2).Draw(t, "faults"))
	card, err := l.terminal.Present(context.Background())
	if err != nil {
		return // nothing was asked of the card
	}
	verdict, err := card.Load(*l.pending)
	_ = card.Close()
	switch {
	case (verdict == cardio.Loaded) != (err == nil):
		t.Fatalf("%v with %v", verdict, err)
	case errors.Is(err, cardio.ErrOrderNotValid):
		t.Fatalf("the order does not fit: %v", err)
	case verdict == cardio.Loaded:
		l.count, l.total, l.pending = l.pending.Count, l.pending.Total, nil
	case verdict == cardio.Untouched && rapid.Bool().Draw(t, "void"):
		l.pending = nil // the next purchase has the same count
	}
}

// check presents the card without a fault: it holds what the books say, or what is pending.
func (l *life) check(t *rapid.T) {
	l.counter(t, 0)
	now, err := l.look()
	if err != nil {
		t.Fatalf("the card cannot be read: %v", err)
	}
	p := now.Purse
	old := (p.Lacks.Has(cardio.LacksCount) || p.Count == l.count) && (p.Lacks.Has(cardio.LacksTotal) || p.Total == l.total)
	if !old && (l.pending == nil || cardio.Judge(p, *l.pending) != cardio.Loaded) {
		t.Fatalf("the books have count %d, total %d, pending %+v; the card %+v", l.count, l.total, l.pending, p)
	}
	if old && l.pending != nil && cardio.Judge(p, *l.pending) != cardio.Untouched {
		t.Fatalf("pending %+v is judged %v on %+v", l.pending, cardio.Judge(p, *l.pending), p)
	}
}

// TestLivesOfEveryCard plays random lives of a card of each layout on each chip, with up to two faults at each counter, and in
// what mends the ones before.
func TestLivesOfEveryCard(t *testing.T) {
	t.Parallel()
	for _, c := range combinations(t) {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				l := &life{trial: c.trial(t, nil)}
				for range rapid.IntRange(1, 8).Draw(rt, "steps") {
					l.buy(rt)
					for range rapid.IntRange(1, 3).Draw(rt, "attempts") {
						l.bring(rt)
					}
					l.check(rt)
				}
				if len(l.failures) > 0 {
					rt.Fatal(l.failures)
				}
			})
		})
	}
}
