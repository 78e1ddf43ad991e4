package terminal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/vending"
)

// How long an answer is waited for, lines that break included: longer than the agent
// waits for its card.
const (
	answerTime = 20 * time.Second
	scriptTime = 60 * time.Second
)

// remote is the reader of one terminal.
type remote struct {
	hub  *Hub
	seat *seat
}

var _ cardio.Reader = (*remote)(nil)

// Name is how people find it: the PC, and the reader where one was named.
func (r *remote) Name() string {
	if l, _ := r.seat.now(); l != nil && l.reader != "" {
		return r.seat.terminal.Host + " / " + l.reader
	}
	return r.seat.terminal.Host
}

// Connect powers up the card at the terminal. Besides the errors of cardio.Reader it
// returns vending.ErrTerminalAway where nobody has dialled in, and
// vending.ErrTerminalRevoked, both with nothing done. While somebody has a card there in
// hand it is cardio.ErrReaderBusy for all others.
func (r *remote) Connect(ctx context.Context) (cardio.Link, error) {
	now, err := r.hub.good(ctx, r.seat)
	if err != nil {
		return nil, err
	}
	if !r.seat.held.TryLock() {
		return nil, cardio.ErrReaderBusy
	}
	l, err := connect(r.seat, r.hub.Scripts)
	switch {
	case errors.Is(err, vending.ErrTerminalAway):
		err = fmt.Errorf("%w: %w", err, cardio.ErrNoReader)
	case err != nil:
		err = fmt.Errorf("terminal of till %s: %w", r.seat.terminal.Till, err)
	default:
		l.issues = l.issues && now.MayIssue
		return l, nil
	}
	r.seat.held.Unlock()
	return nil, err
}

// carrier takes frames to an agent.
type carrier interface {
	// exchange has a frame done, and gives what came of it. Without an answer within limit nothing is known.
	exchange(f Frame, limit time.Duration) (Answer, error)
	// release says the insertion's last frame, for which nobody waits.
	release(f Frame)
}

// link is one insertion at a terminal. It is a cardio.Link and an apdu.Scripter.
type link struct {
	to      carrier
	scripts ed25519.PrivateKey
	atr     []byte
	issues  bool

	mu     sync.Mutex // one frame at a time
	frame  Frame      // the last one
	dead   error
	closed bool
}

// connect powers up the card that is there.
func connect(to carrier, scripts ed25519.PrivateKey) (*link, error) {
	l := &link{to: to, scripts: scripts, frame: Frame{Insertion: uuid.New(), Kind: Connect}}
	answer, err := to.exchange(l.frame, answerTime)
	if err == nil {
		err = answer.err()
	}
	l.atr, l.issues = answer.ATR, answer.Issues
	return l, err
}

var (
	_ cardio.Link   = (*link)(nil)
	_ apdu.Scripter = (*link)(nil)

	_ cardio.Restricted = (*link)(nil)
)

// ATR is the card's answer to reset.
func (l *link) ATR() []byte { return bytes.Clone(l.atr) }

// Transmit sends one command. Every error wraps cardio.ErrLinkDead and is the last one.
func (l *link) Transmit(command []byte) ([]byte, error) {
	answer, err := l.ask(Frame{Kind: Transmit, Command: command}, answerTime)
	return answer.Response, err
}

// Script runs all steps at the terminal, in one signed frame.
func (l *link) Script(steps []apdu.Step) ([]apdu.Reply, error) {
	answer, err := l.ask(Frame{Kind: Script, Steps: steps}, scriptTime)
	return answer.Replies, err
}

// MayIssue tells whether the terminal sends what makes files and keys: who let it in has said so, and so was it started.
func (l *link) MayIssue() bool { return l.issues }

// Close lets go of the card. It waits for nobody: an agent that does not hear it lets
// go by itself.
func (l *link) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead == nil {
		l.dead = fmt.Errorf("%w: it was closed", cardio.ErrLinkDead)
	}
	l.letGo()
	return nil
}

// letGo says the insertion's last frame, once.
func (l *link) letGo() {
	if !l.closed {
		l.closed = true
		l.to.release(Frame{Insertion: l.frame.Insertion, N: l.frame.N + 1, Kind: Close})
	}
}

// ask numbers, signs and exchanges the insertion's next frame.
func (l *link) ask(f Frame, limit time.Duration) (Answer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != nil {
		return Answer{}, l.dead
	}
	f.Insertion, f.N = l.frame.Insertion, l.frame.N+1
	if f.Kind == Script {
		f.sign(l.scripts)
	}
	l.frame = f
	answer, err := l.to.exchange(f, limit)
	if err == nil {
		err = answer.err()
	}
	if err != nil {
		l.dead = fmt.Errorf("%w: %w", cardio.ErrLinkDead, lost(err))
		l.letGo()
		return Answer{}, l.dead
	}
	return answer, nil
}

// lost keeps no cause that says what is so before anything was written: in the middle of
// it, a reader without a card means that the card was lost.
func lost(cause error) error {
	for _, f := range readerFaults {
		if f.err == cause && cause != cardio.ErrReaderStuck {
			return fmt.Errorf("%v", cause)
		}
	}
	return cause
}
