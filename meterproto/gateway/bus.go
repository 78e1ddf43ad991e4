package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Schedule says when meters are read: the first time after t.
type Schedule interface{ Next(t time.Time) time.Time }

// Sink keeps what was heard. A meter counts as read when Keep has returned nil.
type Sink interface {
	Keep(context.Context, Heard) error
}

// Heard is a reading, and when we heard it: a meter's clock may be unset.
type Heard struct {
	Meter   string // its number
	Model   string `json:",omitempty"` // as the Point; "" where nobody gave it a name
	At      time.Time
	Reading meterproto.Reading
	Taken   *meterproto.Taken   // what two answers in a row said; nil where the meter is not prepaid
	Later   *meterproto.Reading // after Taken, where the meter burnt meanwhile
	Rolls   bool                // as the Point
}

// Point is a meter on a bus, and how it wants to be asked.
type Point struct {
	Meter   string // its number
	Model   string // by whose name it is asked, for who reads what was heard
	Address string // on the line; "": its number
	Driver  Driver
	Gap     time.Duration // that the model needs between two conversations
	Rolls   bool          // its registers have eight digits and begin again
	Way     string        // all of this and what the driver is, in the caller's words: another way is another one to ask the meter in
}

// Limits of a bus.
const (
	MaxPoints = 1024 // meters on a bus
	MaxJobs   = 64   // that wait for it, whatever they wait for

	firstPause   = time.Minute // that a meter is set aside for after it failed
	longestPause = time.Hour
	firstRetry   = time.Second // after the line was gone
	longestRetry = time.Minute
)

// Priority of a job: the higher one goes first.
type Priority int

// The priorities. What the schedule wants comes after all of them, but for chores: where a reading is due, those have every other
// turn.
const (
	Chore    Priority = iota // nobody waits for it
	Customer                 // a customer waits at the counter
)

// Why a job was not done.
var (
	ErrNoMeter = errors.New("no such meter on this line")
	ErrFull    = errors.New("too many wait for this line: try again later")
	ErrStopped = errors.New("the gateway has stopped")
)

// Bus is one link and its meters: one conversation after the other, from one
// goroutine. A meter that does not answer is set aside, for longer each time,
// and never keeps the others waiting; a line that is gone is tried again.
type Bus struct {
	name     string
	line     *counted
	schedule Schedule
	sink     Sink
	log      *slog.Logger
	metrics  *Metrics

	coming    chan []Point  // what the points are to be: see Follow
	room      chan struct{} // one for each job that waits, in jobs or in waiting
	jobs      chan *job
	customers atomic.Int32  // jobs of customers that wait
	leaving   chan struct{} // closed by Leave
	leave     func()
	stopped   chan struct{}

	// Run's alone:
	points  []*point
	waiting []*job
	chored  bool // it is a reading's turn, where one is due
}

// NewBus makes a bus. It fails where a meter is on it twice, or too many are.
func NewBus(name string, line Line, points []Point, schedule Schedule, sink Sink, m *Metrics, log *slog.Logger) (*Bus, error) {
	b := &Bus{name: name, line: m.counted(line), schedule: schedule, sink: sink, log: log, metrics: m, coming: make(chan []Point, 1),
		room: make(chan struct{}, MaxJobs), jobs: make(chan *job, MaxJobs), leaving: make(chan struct{}), stopped: make(chan struct{})}
	b.leave = sync.OnceFunc(func() { close(b.leaving) })
	return b, b.Follow(points)
}

// missed is how far back a gateway that starts looks for readings that were due
// while nobody ran it. Reading a meter once more does no harm.
const missed = 24 * time.Hour

// Run works until ctx ends, or after Leave. It begins with what was due in the last day.
func (b *Bus) Run(ctx context.Context) {
	defer b.stop()
	retry := firstRetry
	for ctx.Err() == nil && !b.left() {
		err := b.step(ctx)
		if !errors.Is(err, meterproto.ErrLineGone) {
			retry = firstRetry
			continue
		}
		b.log.WarnContext(ctx, "line gone", "line", b.name, "error", err)
		b.sleep(ctx, retry)
		retry = min(2*retry, longestRetry)
	}
}

// step does the most urgent thing, or waits for one. Its error is that of the line.
func (b *Bus) step(ctx context.Context) error {
	b.collect()
	now, least := time.Now(), Chore
	p := b.dueNow(now)
	if p != nil && b.chored {
		least = Customer
	}
	if j := b.urgent(now, least); j != nil {
		b.chored = b.chored || j.priority == Chore
		return b.serve(ctx, j)
	}
	if p != nil {
		b.chored = false
		return b.read(ctx, p)
	}
	b.sleep(ctx, time.Until(b.next()))
	return nil
}

// read reads one meter for the schedule.
func (b *Bus) read(ctx context.Context, p *point) error {
	heard, err := b.ask(ctx, p)
	switch {
	case err == nil:
		p.failures, p.notBefore = 0, time.Time{}
		p.due = b.schedule.Next(heard.At)
		b.log.DebugContext(ctx, "read", "line", b.name, "meter", p.Meter, "meter_time", heard.Reading.Time)
	case ctx.Err() != nil || errors.Is(err, meterproto.ErrLineGone):
		return err // nobody's fault but the line's
	default:
		pause := firstPause << min(p.failures, 6)
		p.failures++
		p.notBefore = time.Now().Add(min(pause, longestPause))
		b.log.WarnContext(ctx, "meter set aside", "line", b.name, "meter", p.Meter, "until", p.notBefore, "error", err)
	}
	b.metrics.reading(err)
	return nil
}

// ask reads a meter and keeps what it said.
func (b *Bus) ask(ctx context.Context, p *point) (Heard, error) {
	h, err := b.hear(ctx, p)
	p.free = h.At.Add(p.Gap)
	if err == nil {
		err = b.sink.Keep(ctx, h)
	}
	return h, err
}

func (b *Bus) hear(ctx context.Context, p *point) (h Heard, err error) {
	h.Meter, h.Model, h.Rolls = p.Meter, p.Model, p.Rolls
	var burns bool
	if h.Reading, err = p.Driver.Read(ctx, b.line, p.Address); err == nil {
		h.Taken, burns, err = b.agreed(ctx, p)
	}
	if err == nil && burns {
		var later meterproto.Reading
		later, err = p.Driver.Read(ctx, b.line, p.Address)
		h.Later = &later
	}
	h.At = time.Now()
	return h, err
}

// agreed is what a prepaid meter has taken, as two answers say; nil where it is not prepaid.
func (b *Bus) agreed(ctx context.Context, p *point) (_ *meterproto.Taken, burns bool, err error) {
	seller, ok := p.Driver.(Seller)
	if !ok {
		return nil, false, nil
	}
	t, burns, err := meterproto.Agreed(func() (meterproto.Taken, error) { return seller.Taken(ctx, b.line, p.Address) })
	switch {
	case errors.Is(err, ErrNotPrepaid):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("the purchases of meter %s: %w", p.Meter, err)
	}
	return &t, burns, nil
}

// dueNow is the meter that has been due for longest, of those that may be asked. One that is due later than the schedule's next time was put
// off by a clock that was ahead.
func (b *Bus) dueNow(now time.Time) *point {
	var first *point
	latest := b.schedule.Next(now)
	for _, p := range b.points {
		if p.due.After(latest) {
			p.due = latest
		}
		if !p.wanted().After(now) && (first == nil || p.wanted().Before(first.wanted())) {
			first = p
		}
	}
	return first
}

// wanted is when the schedule may have the meter.
func (p *point) wanted() time.Time {
	at := p.due
	for _, t := range []time.Time{p.notBefore, p.free} {
		if t.After(at) {
			at = t
		}
	}
	return at
}

// next is when there will be something to do, if nobody asks.
func (b *Bus) next() time.Time {
	at := time.Now().Add(longestPause)
	for _, p := range b.points {
		if w := p.wanted(); w.Before(at) {
			at = w
		}
	}
	for _, j := range b.waiting {
		if j.point.free.Before(at) {
			at = j.point.free
		}
	}
	return at
}

// comer is a line that can tell when it is back: see link.Line.
type comer interface{ Back() <-chan struct{} }

// sleep waits, but not past a job, nor past the return of a line that was gone.
func (b *Bus) sleep(ctx context.Context, d time.Duration) {
	back := b.line.Back()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-back:
	case <-b.leaving:
	case points := <-b.coming:
		b.become(points)
	case j := <-b.jobs:
		b.waiting = append(b.waiting, j)
	}
}
