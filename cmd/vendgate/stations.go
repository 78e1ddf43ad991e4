package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/terminal"
	"github.com/vendgate/vendgate/vending/web"
)

// localTill is served by the reader of the service's own machine, unless a terminal is
// enrolled for it.
const localTill = "1"

// stations are the counters of a hall: the reader of this machine, and those of the
// terminals.
type stations struct {
	desk  *counter.Desk
	local web.Seat
	hub   *terminal.Hub // nil: no terminals are taken
	keyed func(cardio.Reader) counter.Terminal
	log   *slog.Logger

	mu     sync.Mutex
	remote map[uuid.UUID]web.Station // one a terminal: its requests take turns
}

// At finds the station of a till.
func (s *stations) At(ctx context.Context, till string) (web.Seat, error) {
	if s.hub != nil {
		t, err := s.desk.Store.TerminalAt(ctx, till)
		if err == nil {
			return s.at(t), nil
		}
		if till != localTill || !errors.Is(err, vending.ErrNoTerminal) {
			return web.Seat{}, err
		}
	}
	if till != localTill {
		return web.Seat{}, vending.ErrTerminalsOff
	}
	return s.local, nil
}

// reader is that of a till's counter PC.
func (s *stations) reader(ctx context.Context, till string) (cardio.Reader, error) {
	t, err := s.desk.Store.TerminalAt(ctx, till)
	if err != nil {
		return nil, err
	}
	return s.hub.Reader(t), nil
}

// station is that of a reader, here or at a terminal: a card load is in the books before the
// card is written.
func (s *stations) station(r cardio.Reader) web.Station {
	return web.AtTerminal(s.desk, counter.Journaled(s.keyed(r), s.desk.Store))
}

// at is the station of a terminal.
func (s *stations) at(t vending.Terminal) web.Seat {
	reader := s.hub.Reader(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.remote == nil {
		s.remote = map[uuid.UUID]web.Station{}
	}
	if s.remote[t.ID] == nil {
		s.remote[t.ID] = s.station(reader)
	}
	return web.Seat{Station: s.remote[t.ID], Till: t.Till, Reader: reader.Name()}
}

// inserted settles what is pending on a card that was put into a terminal's reader.
func (s *stations) inserted(ctx context.Context, t vending.Terminal) {
	attendOne(ctx, s.at(t), s.log.With("till", t.Till))
}

// List is every terminal, for the page.
func (s *stations) List(ctx context.Context) (list []web.Terminal, err error) {
	all, err := s.desk.Store.Terminals(ctx)
	for _, t := range all {
		list = append(list, web.Terminal{Terminal: t, Online: s.hub.Online(t)})
	}
	return list, err
}

// letters makes and takes back who may dial in, for the page.
type letters struct {
	*stations
	authority *terminal.Authority
}

// LetIn makes a code.
func (l letters) LetIn(ctx context.Context, till string) (string, time.Time, error) {
	code, kept := l.authority.NewCode(till, l.desk.By.Staff, l.desk.Now())
	_, err := l.desk.LetIn(ctx, vending.Deed{By: l.desk.By}, kept)
	return code, kept.Expires, err
}

// Revoke ends a terminal.
func (l letters) Revoke(ctx context.Context, id uuid.UUID) error {
	_, err := l.desk.RevokeTerminal(ctx, vending.Deed{By: l.desk.By}, id)
	return err
}
