package store

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/vendgate/vendgate/vending"
)

// lanes are batches of the stages of a sale that are on their way at the same time.
type lanes struct {
	mu     sync.Mutex
	most   int     // of them
	going  []int   // how many go together in each
	stages []stage // the first that may go does
}

// stage is a group as its lanes see it; they are locked.
type stage interface {
	// take takes those who wait, if they are at least so many, and returns what does
	// their work.
	take(least int) (n int, work func())
}

// open lets who waits go, if a lane is free for them. The lanes are locked.
func (l *lanes) open() {
	if n, work := l.next(); n > 0 {
		go l.work(n, work)
	}
}

// work does batch after batch until nobody may go.
func (l *lanes) work(n int, do func()) {
	for n > 0 {
		do()
		runtime.Gosched() // lets those who were served come back first
		l.mu.Lock()
		i := slices.Index(l.going, n)
		l.going = slices.Delete(l.going, i, i+1)
		n, do = l.next()
		l.mu.Unlock()
	}
}

// next is the batch that goes now. Beside others only one goes that is not smaller than
// they are: else small ones would take the lanes from those who gather. The lanes are
// locked.
func (l *lanes) next() (int, func()) {
	if len(l.going) == l.most {
		return 0, nil
	}
	least := 1
	if len(l.going) > 0 {
		least = slices.Min(l.going)
	}
	for _, s := range l.stages {
		if n, work := s.take(least); n > 0 {
			l.going = append(l.going, n)
			return n, work
		}
	}
	return 0, nil
}

// group is adaptive group commit. Work that finds a lane free goes at once and
// alone; what comes while all are taken is gathered and goes together, in one round
// trip. No one waits for a timer.
type group[T any] struct {
	lanes *lanes
	do    func(context.Context, []T) error // all or none of them
	apart func(T) int64                    // two of which this is the same never go together; nil: any may

	waiting []*entrant[T]
}

type entrant[T any] struct {
	ctx  context.Context
	item T
	done chan error
}

// mostTogether bounds a transaction.
const mostTogether = 256

// run does one item, perhaps together with others, and returns how it ended for
// this one. The work that is under way is not cancelled with ctx.
func (g *group[T]) run(ctx context.Context, item T) error { return <-g.join(ctx, item) }

// join is run for those who may leave before it is done.
func (g *group[T]) join(ctx context.Context, item T) <-chan error {
	e := &entrant[T]{context.WithoutCancel(ctx), item, make(chan error, 1)}
	g.lanes.mu.Lock()
	defer g.lanes.mu.Unlock()
	g.waiting = append(g.waiting, e)
	g.lanes.open()
	return e.done
}

// take takes who has waited longest.
func (g *group[T]) take(least int) (int, func()) {
	if len(g.waiting) < least {
		return 0, nil
	}
	var batch, left []*entrant[T]
	taken := map[int64]bool{}
	for _, e := range g.waiting {
		if len(batch) == mostTogether || g.apart != nil && taken[g.apart(e.item)] {
			left = append(left, e)
			continue
		}
		if g.apart != nil {
			taken[g.apart(e.item)] = true
		}
		batch = append(batch, e)
	}
	g.waiting = left
	return len(batch), func() { g.together(batch) }
}

// together does a batch. Where the database refuses it, it is split, so that a bad
// item fails alone; one that was ended for another's sake is done again. What is in
// doubt is in doubt for all.
func (g *group[T]) together(batch []*entrant[T]) {
	items := make([]T, len(batch))
	for i, e := range batch {
		items[i] = e.item
	}
	err := g.do(batch[0].ctx, items)
	for try := 1; len(batch) == 1 && deadlocked(err) && try < tries; try++ {
		err = g.do(batch[0].ctx, items)
	}
	if err == nil || len(batch) == 1 || unanswered(err) {
		for _, e := range batch {
			e.done <- err
		}
		return
	}
	if errors.Is(err, vending.ErrHeld) { // each try waits as long: nobody waits at every halving for the one who is held
		for i := range batch {
			g.together(batch[i : i+1])
		}
		return
	}
	half := len(batch) / 2
	g.together(batch[:half])
	g.together(batch[half:])
}
