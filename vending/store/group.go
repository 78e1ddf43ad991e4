package store

import (
	"context"
	"sync"
)

// group is adaptive group commit. Work that finds nobody at it goes at once and
// alone; what comes meanwhile is gathered and goes together, in one transaction. No
// one waits for a timer.
type group[T any] struct {
	do      func(context.Context, []T) error // all or none of them
	key     func(T) int64                    // two of one key never go together
	workers int                              // that may be at it at the same time

	mu      sync.Mutex
	waiting []*entrant[T]
	running int
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
func (g *group[T]) run(ctx context.Context, item T) error {
	e := &entrant[T]{context.WithoutCancel(ctx), item, make(chan error, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, e)
	lead := g.running < g.workers
	if lead {
		g.running++
	}
	g.mu.Unlock()
	if lead {
		g.work(e)
	}
	return <-e.done
}

// work takes batch after batch until mine is done; then somebody else who waits goes
// on, so that no caller works for others without end.
func (g *group[T]) work(mine *entrant[T]) {
	for {
		batch := g.take()
		if len(batch) == 0 {
			return
		}
		g.together(batch)
		if len(mine.done) > 0 {
			go g.work(&entrant[T]{done: make(chan error, 1)})
			return
		}
	}
}

// take takes what waits, one of a key, the oldest first; where nothing waits the
// worker has ended.
func (g *group[T]) take() []*entrant[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var batch, left []*entrant[T]
	taken := map[int64]bool{}
	for _, e := range g.waiting {
		if key := g.key(e.item); len(batch) == mostTogether || taken[key] {
			left = append(left, e)
		} else {
			taken[key] = true
			batch = append(batch, e)
		}
	}
	g.waiting = left
	if len(batch) == 0 {
		g.running--
	}
	return batch
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
