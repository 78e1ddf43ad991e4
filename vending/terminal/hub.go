package terminal

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
)

// Patience is how long a terminal may be away in the middle of a sale before its card
// counts as lost.
const Patience = 10 * time.Second

// watchEvery is how often a terminal that says nothing is looked up, whether it was revoked.
const watchEvery = 5 * time.Second

// helloTime is how long an agent may take to say who it is.
const helloTime = 5 * time.Second

// Register is where terminals are written down. *store.Store is one.
type Register interface {
	// Terminal is the one with that id, revoked or not, or vending.ErrNoTerminal.
	Terminal(ctx context.Context, id uuid.UUID) (vending.Terminal, error)
	// EnrolTerminal uses up the code with that hash and stores the terminal for its
	// till. It fails with vending.ErrCodeWrong, ErrCodeExpired, ErrCodeUsed or
	// ErrTillHasTerminal, and then has stored nothing.
	EnrolTerminal(ctx context.Context, code [32]byte, t vending.Terminal, now time.Time) (vending.Terminal, error)
}

// Hub is where terminals dial in. It is safe for concurrent use.
type Hub struct {
	Register Register
	Scripts  ed25519.PrivateKey // signs scripts
	Patience time.Duration      // see the constant
	Metrics  *Metrics
	Log      *slog.Logger
	// Inserted is told that a card is in the reader of a terminal. It may take its time.
	Inserted func(ctx context.Context, t vending.Terminal)

	mu    sync.Mutex
	seats map[uuid.UUID]*seat
}

// Reader is the card reader of a terminal, whether it has dialled in or not.
func (h *Hub) Reader(t vending.Terminal) cardio.Reader { return &remote{h, h.seat(t)} }

// Online says whether a terminal has a line now.
func (h *Hub) Online(t vending.Terminal) bool {
	l, _ := h.seat(t).now()
	return l != nil
}

func (h *Hub) seat(t vending.Terminal) *seat {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seats == nil {
		h.seats = map[uuid.UUID]*seat{}
	}
	if h.seats[t.ID] == nil {
		h.seats[t.ID] = newSeat(t, h.Patience, h.Metrics)
	}
	return h.seats[t.ID]
}

// ServeHTTP takes the line of a terminal, which has shown its certificate, and keeps it
// until it breaks.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t, err := h.known(r)
	if err != nil {
		h.Metrics.dialled("refused")
		h.Log.WarnContext(r.Context(), "terminal refused", "from", r.RemoteAddr, "error", err)
		refuse(w, err)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{protocol}})
	if err != nil {
		return // Accept has answered
	}
	conn.SetReadLimit(maxFrame)
	err = h.attend(r.Context(), t, conn)
	h.Log.InfoContext(r.Context(), "terminal's line ended", "till", t.Till, "host", t.Host, "error", err)
	hangUp(conn, err)
}

// known finds the terminal whose certificate the peer has shown.
func (h *Hub) known(r *http.Request) (t vending.Terminal, err error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return t, vending.ErrNotEnrolled
	}
	shown := r.TLS.PeerCertificates[0]
	id, err := uuid.Parse(shown.Subject.CommonName)
	if err != nil {
		return t, vending.ErrNotEnrolled
	}
	t, err = h.Register.Terminal(r.Context(), id)
	switch {
	case err != nil:
		return t, err
	case !t.Revoked.IsZero():
		return t, vending.ErrTerminalRevoked.With("Till", t.Till, "Host", t.Host)
	case t.Key != sha256.Sum256(shown.RawSubjectPublicKeyInfo):
		return t, vending.ErrNotEnrolled
	}
	return t, nil
}

// attend serves one line.
func (h *Hub) attend(ctx context.Context, t vending.Terminal, conn *websocket.Conn) error {
	hello, err := greet(ctx, conn)
	if err != nil {
		h.Metrics.dialled("refused")
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l := &line{conn: conn, run: hello.Run, reader: hello.Reader, answers: make(chan Answer, 1), gone: make(chan struct{})}
	// The reading begins first: a line that nobody reads does not answer pings.
	ended := make(chan error, 1)
	go func() { ended <- h.listen(ctx, t, l) }()
	seat := h.seat(t)
	if err := seat.take(ctx, l); err != nil {
		h.Metrics.dialled("refused")
		hangUp(conn, err)
		<-ended
		return err
	}
	h.Metrics.dialled("up")
	h.Metrics.lineUp(1)
	defer h.Metrics.lineUp(-1)
	h.Log.InfoContext(ctx, "terminal dialled in", "till", t.Till, "host", t.Host, "reader", hello.Reader)
	go keep(ctx, conn)
	go h.watch(ctx, seat)
	err = <-ended
	seat.leave(l)
	return err
}

// watch hangs up on a terminal that was revoked, though no card is put in.
func (h *Hub) watch(ctx context.Context, s *seat) {
	every := time.NewTicker(watchEvery)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
			_, _ = h.good(ctx, s) // a database that does not answer is no reason to hang up
		}
	}
}

// good looks a terminal up as it is now; one that was revoked loses its line.
func (h *Hub) good(ctx context.Context, s *seat) (vending.Terminal, error) {
	now, err := h.Register.Terminal(ctx, s.terminal.ID)
	if err == nil && !now.Revoked.IsZero() {
		err = vending.ErrTerminalRevoked.With("Till", now.Till, "Host", now.Host)
		s.hangUp(err)
	}
	return now, err
}

// greet reads who dials in.
func greet(ctx context.Context, conn *websocket.Conn) (Hello, error) {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	if conn.Subprotocol() != protocol {
		return Hello{}, vending.ErrFrame.With("Reason", "another version")
	}
	b, err := read(ctx, conn)
	if err != nil {
		return Hello{}, err
	}
	m, err := DecodeMessage(b)
	if err == nil && m.Hello == nil {
		err = vending.ErrFrame.With("Reason", "no greeting")
	}
	if err != nil {
		return Hello{}, err
	}
	return *m.Hello, nil
}

// listen reads the line until it breaks, or something comes that is not ours.
func (h *Hub) listen(ctx context.Context, t vending.Terminal, l *line) error {
	for {
		b, err := read(ctx, l.conn)
		if err != nil {
			return err
		}
		m, err := DecodeMessage(b)
		switch {
		case err != nil:
			return err
		case m.Hello != nil:
			return vending.ErrFrame.With("Reason", "a second greeting")
		case m.Inserted:
			if h.Inserted != nil {
				go h.Inserted(context.WithoutCancel(ctx), t)
			}
		default:
			l.deliver(*m.Answer)
		}
	}
}

// deliver hands an answer to whoever asks. One that nobody waits for any more makes room.
func (l *line) deliver(a Answer) {
	select {
	case <-l.answers:
	default:
	}
	l.answers <- a
}

// code is the code of an error for the other side, who has its words.
func code(err error) *vending.Error {
	var known *vending.Error
	if errors.As(err, &known) {
		return known
	}
	return vending.ErrServiceAway
}
