package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// job is something that somebody waits for.
type job struct {
	ctx      context.Context
	meter    string // "": none
	point    *point // nil until the bus has looked for the meter
	priority Priority
	do       func(context.Context, Line, Point) error
	done     chan error // holds one
}

// Do has the bus do something with a meter, or where meter is "" with the line as
// such (the Point is then empty), before what the schedule wants (but see Chore) and before jobs of lower
// priority. It waits for the end; errors are those of do, of
// ctx, ErrNoMeter, ErrFull and ErrStopped. Where ctx ends while do is under way, do
// hears of it and Do waits for it still: what it changed must be known.
func (b *Bus) Do(ctx context.Context, meter string, p Priority, do func(context.Context, Line, Point) error) error {
	j := &job{ctx: ctx, meter: meter, priority: p, do: do, done: make(chan error, 1)}
	select {
	case <-b.stopped:
		return ErrStopped
	default:
	}
	select {
	case b.room <- struct{}{}:
	default:
		return ErrFull
	}
	if p == Customer {
		b.customers.Add(1)
	}
	b.jobs <- j // it takes as many as there is room for
	select {
	case err := <-j.done:
		return err
	case <-b.stopped:
	}
	select { // it may have been the last thing that was done
	case err := <-j.done:
		return err
	default:
		return ErrStopped
	}
}

// stop lets everybody who waits know.
func (b *Bus) stop() { close(b.stopped) }

// collect takes in what has come: first the points that are wanted, then the jobs, for one may be about a meter that is new.
func (b *Bus) collect() {
	select {
	case points := <-b.coming:
		b.become(points)
	default:
	}
	for {
		select {
		case j := <-b.jobs:
			b.waiting = append(b.waiting, j)
		default:
			b.waiting = slices.DeleteFunc(b.waiting, b.nobodys)
			return
		}
	}
}

// nobodys says whether a job's meter is not, or no longer, on the bus; whoever waits for it is told.
func (b *Bus) nobodys(j *job) bool {
	switch {
	case j.meter == "" && j.point == nil:
		j.point = new(point)
	case j.point == nil:
		j.point = b.find(j.meter)
	}
	if j.point != nil && !j.point.gone {
		return false
	}
	b.taken(j)
	j.done <- ErrNoMeter
	return true
}

// urgent takes out the job of the highest priority, at least this one, the oldest of these, whose
// meter may be asked. A meter that was set aside is asked: somebody wants to know.
func (b *Bus) urgent(now time.Time, least Priority) *job {
	best := -1
	for i, j := range b.waiting {
		if j.priority < least || j.point.free.After(now) {
			continue
		}
		if best < 0 || j.priority > b.waiting[best].priority {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	j := b.waiting[best]
	b.waiting = slices.Delete(b.waiting, best, best+1)
	b.taken(j)
	return j
}

// taken makes the room of a job that waits no more free.
func (b *Bus) taken(j *job) {
	<-b.room
	if j.priority == Customer {
		b.customers.Add(-1)
	}
}

// serve does a job. The error is the line's, where it is gone.
func (b *Bus) serve(ctx context.Context, j *job) error {
	if err := j.ctx.Err(); err != nil {
		j.done <- err // nobody waits any more
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(j.ctx, func() { cancel(context.Cause(j.ctx)) })()
	err := j.do(ctx, b.line, j.point.Point)
	j.point.free = time.Now().Add(j.point.Gap)
	j.done <- err
	if errors.Is(err, meterproto.ErrLineGone) {
		return err
	}
	return nil
}
