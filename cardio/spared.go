package cardio

import (
	"errors"
	"sync"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// maxSpared bounds how many are remembered.
const maxSpared = 1024

// Spared are the cards on whose keys no more tries are spent: an earlier refusal left one, or would cost the next. Terminals
// that share it leave each other's alone, so that a customer who goes from counter to counter does not lock his card. It
// lasts until the service is restarted. The zero value has none, and is safe for concurrent use.
type Spared struct {
	mu   sync.Mutex
	keys map[keyOf]bool
}

// keyOf is a key of one card: ours, or the one with which its maker guards it.
type keyOf struct {
	card  UID
	maker bool
}

func (s *Spared) has(k keyOf) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[k]
}

func (s *Spared) add(k keyOf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || len(s.keys) == maxSpared {
		s.keys = make(map[keyOf]bool)
	}
	s.keys[k] = true
}

// forget takes a card off the list: it is given other keys.
func (s *Spared) forget(k keyOf) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, k)
}

// ours are the keys that we gave the card.
func (c *Card) ours() keyOf { return keyOf{card: c.contents.Identity.UID} }

// makers is the key with which its maker guards the MF of a CPU card.
func (c *Card) makers() keyOf { return keyOf{card: c.uid, maker: true} }

// sparing leaves the maker's key alone from now on, where err cost a try of it.
func (c *Card) sparing(err error) error {
	if stops(err) {
		c.terminal.spared().add(c.makers())
	}
	return err
}

// stops tells that the card refused a command which must not be sent again: a MAC that it took for wrong has cost a try, and
// it does not say how many are left.
func stops(err error) bool {
	var s *apdu.StatusError
	return errors.As(err, &s) && s.Policy() == apdu.Stop
}

// spared are those of all terminals that share them, or of this one.
func (t *Terminal) spared() *Spared {
	if t.Spared != nil {
		return t.Spared
	}
	return &t.own
}
