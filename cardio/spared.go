package cardio

import "sync"

// maxSpared bounds how many cards are remembered.
const maxSpared = 1024

// Spared are the cards on whose keys no more tries are spent: an earlier refusal left one, or would cost the next. Terminals
// that share it leave each other's alone, so that a customer who goes from counter to counter does not lock his card. It
// lasts until the service is restarted. The zero value has none, and is safe for concurrent use.
type Spared struct {
	mu    sync.Mutex
	cards map[UID]bool
}

func (s *Spared) has(uid UID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cards[uid]
}

func (s *Spared) add(uid UID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cards == nil || len(s.cards) == maxSpared {
		s.cards = make(map[UID]bool)
	}
	s.cards[uid] = true
}

// spared are those of all terminals that share them, or of this one.
func (t *Terminal) spared() *Spared {
	if t.Spared != nil {
		return t.Spared
	}
	return &t.own
}
