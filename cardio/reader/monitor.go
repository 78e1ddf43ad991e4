//go:build cgo || windows

package reader

import (
	"context"
	"errors"
	"time"

	"github.com/ebfe/scard"
)

// process holds what the PC/SC client library and ebfe/scard allow once per
// process, which is why it belongs to no Reader.
var process = struct {
	monitoring chan struct{} // full while a Monitor runs
}{make(chan struct{}, 1)}

const (
	// waitTime bounds one question for changes. It is also how long a reader that
	// is plugged in between two questions can go unnoticed.
	waitTime = time.Second
	// cancelTime is between two attempts to cut a wait short.
	cancelTime = 10 * time.Millisecond
	// While there is no service it is asked for after minBackoff, then ever less
	// often up to maxBackoff.
	minBackoff = 100 * time.Millisecond
	maxBackoff = 2 * time.Second
)

// Monitor watches all readers until ctx ends and then closes the channel. Cards
// that are in a reader at the start are reported as inserted. It waits for whoever
// reads the channel; a slow one sees fewer changes, but never a new card under an old
// insertion number. When the service dies, all cards are reported removed and
// ServiceLost follows; the monitor goes on trying.
//
// There can be one Monitor per process; a second gets ErrMonitorRuns until
// the first one's channel is closed.
func Monitor(ctx context.Context) (<-chan Event, error) {
	select {
	case process.monitoring <- struct{}{}:
	default:
		return nil, ErrMonitorRuns
	}
	events := make(chan Event)
	go func() {
		defer close(events)
		defer func() { <-process.monitoring }()
		m := &monitor{ctx: ctx, events: events, seen: map[string]*sight{}, alive: true}
		m.run()
	}()
	return events, nil
}

// monitor is the state of the one goroutine that may ask for status changes.
type monitor struct {
	ctx    context.Context
	events chan<- Event
	seen   map[string]*sight
	alive  bool // the service answered last time
}

// run has one turn for each life of the service.
func (m *monitor) run() {
	backoff := minBackoff
	for {
		if m.turn() {
			backoff = minBackoff
		}
		if m.ctx.Err() != nil {
			return
		}
		m.lose()
		select {
		case <-m.ctx.Done():
		case <-time.After(backoff):
			backoff = min(2*backoff, maxBackoff)
		}
	}
}

// turn makes a context and watches with it until it fails. It says whether the
// service answered at all.
func (m *monitor) turn() (answered bool) {
	sys, err := establish()
	if err != nil {
		return false
	}
	defer sys.Release() // after the service died this fails, and there is nothing left to release
	defer m.cancelOnEnd(sys)()
	for m.ctx.Err() == nil {
		names, err := listReaders(sys)
		if err != nil {
			return answered
		}
		answered = true
		m.regain()
		m.forget(names)
		if !m.watch(sys, names) {
			return answered
		}
	}
	return answered
}

// cancelOnEnd cuts a wait short when the monitor's context ends. Cancel is the
// one call that may come from elsewhere; it has to be over before the PC/SC
// context is released. Between two waits it does nothing and is not remembered, and
// it fails when it meets a wait that ends by itself: hence again and again.
func (m *monitor) cancelOnEnd(sys *scard.Context) (stop func()) {
	over, left := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		select {
		case <-over:
			return
		case <-m.ctx.Done():
		}
		again := time.NewTicker(cancelTime)
		defer again.Stop()
		for {
			_ = sys.Cancel()
			select {
			case <-over:
				return
			case <-again.C:
			}
		}
	}()
	return func() { close(over); <-left }
}

// watch asks once for changes, and for readers that come or go, and reports
// what it hears. It is false when the context is of no more use.
func (m *monitor) watch(sys *scard.Context, names []string) bool {
	states := m.states(names)
	err := guard(func() error { return sys.GetStatusChange(states, waitTime) })
	switch {
	case err == nil:
		m.look(states)
		return true
	case errors.Is(err, scard.ErrTimeout), errors.Is(err, scard.ErrCancelled):
		return true
	case errors.Is(err, scard.ErrUnknownReader): // it left after it was listed
		return m.pause()
	default:
		return false
	}
}

// pause keeps a service that lists a reader it does not know from being asked
// without a rest.
func (m *monitor) pause() bool {
	select {
	case <-m.ctx.Done():
		return false
	case <-time.After(minBackoff):
		return true
	}
}

func (m *monitor) send(e Event) {
	select {
	case m.events <- e:
	case <-m.ctx.Done():
	}
}
