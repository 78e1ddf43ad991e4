package store

import (
	"context"
	"sync"
)

// lanes is how much of the stages of a sale is on its way at the same time, and
// which goes first.
type lanes struct {
	mu     sync.Mutex
	free   int
	stages []stage // the first that has somebody waiting goes
}

// stage is a group as its lanes see it.
type stage interface {
	// take takes those who wait, and returns what does their work; nil where nobody waits.
	// The lanes are locked.
	take() (work func())
}

// open lets a worker begin if a lane is free. The lanes are locked.
func (l *lanes) open() {
	if l.free > 0 {
		l.free--
		go l.work()
	}
}

// work does batch after batch until nobody waits at any stage.
func (l *lanes) work() {
	for do := l.next(); do != nil; do = l.next() {
		do()
	}
}

func (l *lanes) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.stages {
		if do := s.take(); do != nil {
			return do
		}
	}
	l.free++
	return nil
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
func (g *group[T]) take() func() {
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
	if len(batch) == 0 {
		return nil
	}
	return func() { g.together(batch) }
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
	half := len(batch) / 2
	g.together(batch[:half])
	g.together(batch[half:])
}
