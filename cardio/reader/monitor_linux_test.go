//go:build cgo

package reader

import (
	"context"
	"errors"
	"testing"
	"time"
)

// next waits for one event.
func next(t *testing.T, events <-chan Event) Event {
	t.Helper()
	select {
	case e, open := <-events:
		if !open {
			t.Fatal("the monitor has ended")
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no event")
	}
	return Event{}
}

func expect(t *testing.T, events <-chan Event, want ...Event) {
	t.Helper()
	for _, w := range want {
		if e := next(t, events); e != w {
			t.Fatalf("got %v, want %v", e, w)
		}
	}
}

func start(t *testing.T) (events <-chan Event, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	events, err := Monitor(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Monitor(ctx); !errors.Is(err, ErrMonitorRuns) {
		t.Fatalf("a second monitor: %v", err)
	}
	return events, func() {
		t.Helper()
		cancel()
		within(t, 2*waitTime, "stopping the monitor", func() {
			for range events {
			}
		})
	}
}

func TestMonitor(t *testing.T) {
	a, b := daemon.Name(watched), daemon.Name(watchedToo)
	present := plug(t, daemon.Addr(watched), atrT1, echo)
	open(t, New(a, Options{})).Close()

	events, stop := start(t)
	expect(t, events, Event{Inserted, a, 1})
	present.pull()
	expect(t, events, Event{Removed, a, 1})
	card := plug(t, daemon.Addr(watched), atrT1, echo)
	expect(t, events, Event{Inserted, a, 2})

	t.Log("a link comes and goes unreported")
	link := open(t, New(a, Options{}))
	roundTrip(t, link)
	if err := link.Close(); err != nil {
		t.Fatal(err)
	}

	t.Log("a card is swapped while nobody listens")
	block := plug(t, daemon.Addr(watchedToo), atrT1, echo)
	open(t, New(b, Options{})).Close()
	swap(t, card, a)
	expect(t, events, Event{Inserted, b, 1}, Event{Removed, a, 2}, Event{Inserted, a, 3})
	block.pull()
	expect(t, events, Event{Removed, b, 1})

	t.Log("the service dies and comes back")
	daemon.Kill()
	expect(t, events, Event{Removed, a, 3}, Event{Kind: ServiceLost})
	if err := daemon.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, events, Event{Kind: ServiceBack})
	plug(t, daemon.Addr(watched), atrT1, echo)
	expect(t, events, Event{Inserted, a, 4})
	stop()

	// Without Cancel every stop lasts a whole wait.
	within(t, 2*waitTime, "stopping five monitors", func() {
		for range 5 {
			events, stop = start(t)
			expect(t, events, Event{Inserted, a, 1})
			stop()
		}
	})
}

// swap replaces a card as fast as the service can see it.
func swap(t *testing.T, card *vcard, name string) {
	t.Helper()
	card.pull()
	r := New(name, Options{})
	gone(t, r)
	plug(t, daemon.Addr(watched), atrT1, echo)
	open(t, r).Close()
}
