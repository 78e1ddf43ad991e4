package terminal

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// A line that broke is dialled anew after firstRedial, then ever less often.
const (
	firstRedial = 100 * time.Millisecond
	lastRedial  = 5 * time.Second
	// skewTold is the difference of clocks that somebody should know about.
	skewTold = 5 * time.Minute
)

// Terminal is a counter PC that is enrolled: it keeps a line to the service and does
// what comes over it.
type Terminal struct {
	Identity Identity
	Service  string // its URL: that of the identity, or where it has moved to
	Agent    *Agent
	Log      *slog.Logger
	// Trouble is told why there is no line, and when the next is tried.
	Trouble func(err error, again time.Duration)

	run uuid.UUID

	mu      sync.Mutex
	present bool            // a card is in the reader
	conn    *websocket.Conn // nil while there is no line
}

// Card says that a card was put into the reader, or taken out.
func (t *Terminal) Card(ctx context.Context, in bool) {
	t.mu.Lock()
	t.present = in
	conn := t.conn
	t.mu.Unlock()
	if in && conn != nil {
		t.tellInserted(ctx, conn)
	}
}

// tellInserted has the service look at the card. Where the line breaks, the next one
// begins with it.
func (t *Terminal) tellInserted(ctx context.Context, conn *websocket.Conn) {
	_ = write(ctx, conn, Message{Inserted: true}.Encode())
}

// Run keeps a line until ctx ends, or the service will have this terminal no more:
// vending.ErrTerminalRevoked, ErrTerminalBusy, ErrNotEnrolled, ErrNoTerminal,
// ErrServiceUnknown. Everything else passes, and is tried again.
func (t *Terminal) Run(ctx context.Context) error {
	url, err := address(t.Service, "wss", "/terminal")
	if err != nil {
		return err
	}
	t.run = uuid.New()
	defer t.Agent.Stop()
	wait := firstRedial
	for {
		served, err := t.line(ctx, url)
		if ctx.Err() != nil {
			return nil
		}
		if final(err) {
			return err
		}
		if served {
			wait = firstRedial
		}
		t.Log.InfoContext(ctx, "no line to the service", "again_in", wait, "error", err)
		t.Trouble(err, wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait + rand.N(wait)): // not all terminals of a hall at once
		}
		wait = min(2*wait, lastRedial)
	}
}

// final tells what does not pass by waiting.
func final(err error) bool {
	for _, e := range []error{vending.ErrTerminalRevoked, vending.ErrTerminalBusy, vending.ErrNotEnrolled, vending.ErrNoTerminal,
		vending.ErrServiceUnknown} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// line keeps one line until it breaks. served tells whether a frame came over it: then
// somebody may be waiting for the next one.
func (t *Terminal) line(ctx context.Context, url string) (served bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := t.dial(ctx, url)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.CloseNow() }() // of a line that has ended
	conn.SetReadLimit(maxFrame)
	hello := Hello{Run: t.run, Reader: t.Agent.Reader.Name()}
	if err := write(ctx, conn, Message{Hello: &hello}.Encode()); err != nil {
		return false, err
	}
	t.Log.InfoContext(ctx, "line to the service", "till", t.Identity.Till)
	t.begin(ctx, conn)
	defer t.end()
	go keep(ctx, conn)
	frames, done := make(chan Frame, 1), make(chan struct{})
	go func() {
		defer close(done)
		t.work(ctx, conn, frames)
	}()
	served, err = listen(ctx, conn, frames)
	cancel()
	<-done
	return served, err
}

// dial opens a line. A clock that differs from the service's is told: certificates bear
// an hour, the books' dates come from the service.
func (t *Terminal) dial(ctx context.Context, url string) (*websocket.Conn, error) {
	client := clientOf(t.Identity.tls())
	client.Timeout = 0 // of the line, which lasts
	bounded, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, response, err := websocket.Dial(bounded, url, &websocket.DialOptions{HTTPClient: client, Subprotocols: []string{protocol}})
	switch {
	case err != nil && response != nil && response.StatusCode != http.StatusSwitchingProtocols:
		return nil, refusalFrom(response)
	case err != nil:
		return nil, dialError(err)
	}
	there, err := http.ParseTime(response.Header.Get("Date"))
	if skew := time.Since(there).Round(time.Minute); err == nil && skew.Abs() > skewTold {
		t.Log.WarnContext(ctx, "the clock of this PC is not the service's: set it", "ahead_by", skew)
	}
	return conn, nil
}

// begin makes conn the line for notices, and says what was missed.
func (t *Terminal) begin(ctx context.Context, conn *websocket.Conn) {
	t.mu.Lock()
	t.conn = conn
	present := t.present
	t.mu.Unlock()
	if present {
		t.tellInserted(ctx, conn)
	}
}

func (t *Terminal) end() {
	t.mu.Lock()
	t.conn = nil
	t.mu.Unlock()
}

// listen reads frames until the line breaks. While a frame is being done the line is
// read on, or it would not answer pings.
func listen(ctx context.Context, conn *websocket.Conn, frames chan<- Frame) (served bool, err error) {
	for {
		f, err := nextFrame(ctx, conn)
		if err != nil {
			if said := closedBecause(err); said != nil {
				return served, said
			}
			hangUp(conn, err)
			return served, err
		}
		select {
		case frames <- f:
			served = true
		case <-ctx.Done():
			return served, ctx.Err()
		}
	}
}

func nextFrame(ctx context.Context, conn *websocket.Conn) (Frame, error) {
	b, err := read(ctx, conn)
	if err != nil {
		return Frame{}, err
	}
	return DecodeFrame(b)
}

// closedBecause is what the service hung up with, nil where it only broke. A revoked
// terminal hears why when it dials again.
func closedBecause(err error) error {
	var closed websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != websocket.StatusPolicyViolation {
		return nil
	}
	switch closed.Reason {
	case vending.ErrTerminalBusy.Code:
		return vending.ErrTerminalBusy
	case vending.ErrFrame.Code:
		return vending.ErrFrame.With("Reason", "the service does not understand this terminal")
	case vending.ErrFrameTooBig.Code:
		return vending.ErrFrameTooBig.With("Bytes", ">", "Limit", maxFrame)
	}
	return nil
}

// work does frames, one after the other, and sends what came of them. An answer that
// does not get through is kept by the agent.
func (t *Terminal) work(ctx context.Context, conn *websocket.Conn, frames <-chan Frame) {
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-frames:
			// The card is not left alone because the line broke.
			if answer, reply := t.Agent.Do(context.WithoutCancel(ctx), f); reply {
				_ = write(ctx, conn, Message{Answer: &answer}.Encode())
			}
		}
	}
}
