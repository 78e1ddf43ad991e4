//go:build cgo || windows

package reader

import (
	"slices"

	"github.com/ebfe/scard"
)

// arrivals is the name under which PC/SC reports that a reader came or went.
const arrivals = `\\?PnP?\Notification`

// A state's upper half counts the cards put in and taken out; the lower half
// holds the flags.
const (
	flags        = scard.StateFlag(0xFFFF)
	counterShift = 16
)

// mostStates is how many states pcsc-lite before 2.5.0 takes in one question. It
// has no more readers than that either, so none can arrive beside so many.
const mostStates = 16

// sight is what is known of one reader.
type sight struct {
	state     scard.StateFlag // as last heard, to be compared with
	present   bool
	insertion uint64
}

// states asks for each reader's change since the last look.
func (m *monitor) states(names []string) []scard.ReaderState {
	if len(names) < mostStates {
		names = append(slices.Clone(names), arrivals)
	}
	states := make([]scard.ReaderState, 0, len(names))
	for _, name := range names {
		state := scard.ReaderState{Reader: name}
		if s := m.seen[name]; s != nil {
			state.CurrentState = s.state
		}
		states = append(states, state)
	}
	return states
}

// look takes in an answer.
func (m *monitor) look(states []scard.ReaderState) {
	for _, state := range states {
		s := m.seen[state.Reader]
		if s == nil {
			s = &sight{}
			m.seen[state.Reader] = s
		}
		if state.Reader == arrivals {
			s.state = state.EventState &^ scard.StateChanged
		} else {
			m.compare(state.Reader, s, state.EventState&^scard.StateChanged)
		}
	}
}

// compare reports what became of a reader's card. A card that was there and is
// there is another one if the counter has moved meanwhile.
func (m *monitor) compare(name string, s *sight, now scard.StateFlag) {
	was, moved := s.present, now>>counterShift != s.state>>counterShift
	s.state, s.present = now, now&flags&scard.StatePresent != 0
	if was && (moved || !s.present) {
		m.send(Event{Kind: Removed, Reader: name, Insertion: s.insertion})
	}
	if s.present && (moved || !was) {
		s.insertion++
		m.send(Event{Kind: Inserted, Reader: name, Insertion: s.insertion})
	}
}

// forget reports the cards of readers that were unplugged. Insertion numbers are
// kept for when the reader comes back.
func (m *monitor) forget(names []string) {
	for name, s := range m.seen {
		if name == arrivals || slices.Contains(names, name) {
			continue
		}
		m.gone(name, s)
	}
}

func (m *monitor) gone(name string, s *sight) {
	if s.present {
		m.send(Event{Kind: Removed, Reader: name, Insertion: s.insertion})
	}
	s.state, s.present = scard.StateUnaware, false
}

// lose reports that the service went away, and with it every card.
func (m *monitor) lose() {
	for name, s := range m.seen {
		m.gone(name, s)
	}
	if m.alive {
		m.alive = false
		m.send(Event{Kind: ServiceLost})
	}
}

// regain reports that the service answers again.
func (m *monitor) regain() {
	if !m.alive {
		m.alive = true
		m.send(Event{Kind: ServiceBack})
	}
}
