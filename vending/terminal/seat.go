package terminal

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// line is one WebSocket to an agent, at the service.
type line struct {
	conn    *websocket.Conn
	run     uuid.UUID
	reader  string
	answers chan Answer
	gone    chan struct{} // closed when it is over
}

// alive asks the agent whether it is still there.
func (l *line) alive(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	return l.conn.Ping(ctx) == nil
}

// seat is what the service knows of one terminal: its line, where it has one. One frame
// at a time is on its way.
type seat struct {
	terminal vending.Terminal
	patience time.Duration // how long an agent may be away in the middle of something
	metrics  *Metrics

	held sync.Mutex // for as long as somebody has a card there in hand
	turn sync.Mutex // held for one frame

	mu      sync.Mutex
	line    *line
	changed chan struct{} // closed and renewed when a line comes
}

func newSeat(t vending.Terminal, patience time.Duration, m *Metrics) *seat {
	return &seat{terminal: t, patience: patience, metrics: m, changed: make(chan struct{})}
}

// now is the line there is, or nil and what is closed when one comes.
func (s *seat) now() (*line, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line, s.changed
}

// take makes l the seat's line. The same run of an agent that dials anew has lost the old
// one; another run has to wait until that is dead: vending.ErrTerminalBusy.
func (s *seat) take(ctx context.Context, l *line) error {
	if old, _ := s.now(); old != nil && old.run != l.run && old.alive(ctx) {
		return vending.ErrTerminalBusy
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil {
		_ = s.line.conn.CloseNow() // nobody is at its other end
	}
	s.line = l
	close(s.changed)
	s.changed = make(chan struct{})
	return nil
}

// leave ends a line.
func (s *seat) leave(l *line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(l.gone)
	if s.line == l {
		s.line = nil
	}
}

// hangUp ends the line there is, and says why.
func (s *seat) hangUp(why error) {
	if l, _ := s.now(); l != nil {
		hangUp(l.conn, why)
	}
}

// exchange has the agent do a frame. Where the line breaks it waits for the agent to
// come back, at most patience, and says the frame again: an agent that has done it does
// not do it twice. Without an answer within limit nothing is known: cardio.ErrLinkDead.
func (s *seat) exchange(f Frame, limit time.Duration) (Answer, error) {
	s.turn.Lock()
	defer s.turn.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for try := 1; ; try++ {
		l, err := s.await(ctx)
		if err != nil {
			s.metrics.frame(f.Kind, "lost")
			return Answer{}, err
		}
		if try > 1 {
			s.metrics.repeat()
		}
		if answer, ok := l.ask(ctx, f); ok {
			s.metrics.frame(f.Kind, outcome(answer))
			return answer, nil
		}
		if ctx.Err() != nil {
			s.metrics.frame(f.Kind, "lost")
			return Answer{}, fmt.Errorf("%w: the terminal did not answer within %s", cardio.ErrLinkDead, limit)
		}
	}
}

// release lets go of the card, and of the reader.
func (s *seat) release(f Frame) {
	if l, _ := s.now(); l != nil {
		_ = write(context.Background(), l.conn, f.Encode()) // an agent that does not hear it lets go by itself
	}
	s.held.Unlock()
}

// await waits for a line.
func (s *seat) await(ctx context.Context) (*line, error) {
	patience := time.NewTimer(s.patience)
	defer patience.Stop()
	for {
		l, changed := s.now()
		if l != nil {
			return l, nil
		}
		select {
		case <-changed:
		case <-patience.C:
			return nil, s.away()
		case <-ctx.Done():
			return nil, s.away()
		}
	}
}

// away says whose terminal is not there.
func (s *seat) away() error {
	return vending.ErrTerminalAway.With("Till", s.terminal.Till, "Host", s.terminal.Host)
}

// ask says a frame on this line; ok is false where no answer came on it.
func (l *line) ask(ctx context.Context, f Frame) (answer Answer, ok bool) {
	if err := write(ctx, l.conn, f.Encode()); err != nil {
		l.end()
		return Answer{}, false
	}
	for {
		select {
		case answer := <-l.answers:
			if answer.Insertion == f.Insertion && answer.N == f.N {
				return answer, true
			} // else one that came too late for whoever had asked
		case <-l.gone:
			return Answer{}, false
		case <-ctx.Done():
			return Answer{}, false
		}
	}
}

// end breaks the line off and returns when its reader has noticed.
func (l *line) end() {
	_ = l.conn.CloseNow() // whatever it says, the line is over
	<-l.gone
}
