//go:build cgo || windows

package reader

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"github.com/ebfe/scard"
	"pgregory.net/rapid"
)

// dummy is a monitor without a service: states are put in by hand, and at most
// 100 events are taken.
func dummy() (*monitor, chan Event) {
	events := make(chan Event, 100)
	return &monitor{ctx: context.Background(), events: events, seen: map[string]*sight{}, alive: true}, events
}

func heard(name string, counter int, present bool) []scard.ReaderState {
	flag := scard.StateEmpty
	if present {
		flag = scard.StatePresent | scard.StateInuse
	}
	return []scard.ReaderState{{Reader: name, EventState: scard.StateFlag(counter)<<counterShift | flag | scard.StateChanged}}
}

func drain(events chan Event) (all []Event) {
	for len(events) > 0 {
		all = append(all, <-events)
	}
	return all
}

// A reader's cards come and go, and the monitor looks now and then. Whatever
// it missed, it knows whether a card is there, and a new card has a new number.
func TestNoSwapGoesUnnoticed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m, events := dummy()
		counter, known := 0, 0 // at the last look; an odd counter is a card in the reader
		last := Event{Kind: Removed}
		for _, moves := range rapid.SliceOfN(rapid.IntRange(0, 5), 1, 30).Draw(t, "moves between looks") {
			counter += moves
			m.look(heard("r", counter%0x10000, counter%2 == 1))
			got := drain(events)
			for _, e := range got {
				if e.Kind == last.Kind || e.Kind == Inserted && e.Insertion != last.Insertion+1 ||
					e.Kind == Removed && e.Insertion != last.Insertion {
					t.Fatalf("%v after %v", e, last)
				}
				last = e
			}
			if (last.Kind == Inserted) != (counter%2 == 1) {
				t.Fatalf("counter %d, last event %v", counter, last)
			}
			if counter%2 == 1 && (len(got) > 0) != (counter != known) {
				t.Fatalf("counter from %d to %d reported %v", known, counter, got)
			}
			known = counter
		}
	})
}

func TestReaderUnpluggedWithItsCard(t *testing.T) {
	t.Parallel()
	m, events := dummy()
	m.look(heard("a", 1, true))
	m.look(heard("b", 1, true))
	m.forget([]string{"b"})
	m.forget([]string{"b"})
	m.look(heard("a", 1, true))
	want := []Event{{Inserted, "a", 1}, {Inserted, "b", 1}, {Removed, "a", 1}, {Inserted, "a", 2}}
	if got := drain(events); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestServiceLostIsSaidOnce(t *testing.T) {
	t.Parallel()
	m, events := dummy()
	m.look(heard("a", 1, true))
	m.lose()
	m.lose()
	m.regain()
	m.regain()
	want := []Event{{Inserted, "a", 1}, {Removed, "a", 1}, {Kind: ServiceLost}, {Kind: ServiceBack}}
	if got := drain(events); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// More than 16 states in one question are refused by pcsc-lite.
func TestQuestionHasAtMostSixteenStates(t *testing.T) {
	t.Parallel()
	m, _ := dummy()
	var names []string
	for i := range mostStates {
		states := m.states(names)
		if len(states) != i+1 || states[i].Reader != arrivals {
			t.Errorf("%d readers: %d states", i, len(states))
		}
		names = append(names, strconv.Itoa(i))
	}
	if states := m.states(names); len(states) != mostStates {
		t.Errorf("%d readers: %d states", mostStates, len(states))
	}
}

// What was heard, flags and counter, is what the next question compares with.
func TestNextQuestionStartsFromTheLastAnswer(t *testing.T) {
	t.Parallel()
	m, _ := dummy()
	if first := m.states([]string{"a"})[0].CurrentState; first != scard.StateUnaware {
		t.Errorf("first question from %#x", first)
	}
	m.look(heard("a", 3, true))
	want := scard.StateFlag(3<<counterShift) | scard.StatePresent | scard.StateInuse
	if next := m.states([]string{"a"})[0].CurrentState; next != want {
		t.Errorf("next question from %#x, want %#x", next, want)
	}
}
