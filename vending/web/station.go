package web

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// Station is what the page needs of a counter and its one terminal.
type Station interface {
	Look(context.Context) (counter.View, error)
	TopUp(context.Context, counter.TopUpRequest) (counter.Outcome, error)
	Resume(context.Context) (counter.Outcome, error)
	Rekey(context.Context) (counter.Rekeyed, error)
	Purchase(context.Context, uuid.UUID) (vending.Purchase, error)
	Shifts
}

// Stations finds the station of a till. It fails with vending.ErrNoTerminal where the
// till has none.
type Stations interface {
	At(ctx context.Context, till string) (Seat, error)
}

// Seat is a till and the station that serves it.
type Seat struct {
	Station
	Till   string
	Reader string // as people find it: the counter PC, the reader; may be empty
}

// AtTerminal is the station of a desk and a terminal. Requests take turns.
func AtTerminal(d *counter.Desk, t counter.Terminal) Station {
	return &station{desk: d, terminal: t}
}

type station struct {
	turn     sync.Mutex
	desk     *counter.Desk
	terminal counter.Terminal
}

func (s *station) Look(ctx context.Context) (counter.View, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.desk.Look(ctx, s.terminal)
}

func (s *station) TopUp(ctx context.Context, req counter.TopUpRequest) (counter.Outcome, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.desk.TopUp(ctx, s.terminal, req)
}

func (s *station) Resume(ctx context.Context) (counter.Outcome, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.desk.Resume(ctx, s.terminal)
}

func (s *station) Rekey(ctx context.Context) (counter.Rekeyed, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	return s.desk.Rekey(ctx, s.terminal)
}

func (s *station) Purchase(ctx context.Context, id uuid.UUID) (vending.Purchase, error) {
	return s.desk.Purchase(ctx, id)
}
