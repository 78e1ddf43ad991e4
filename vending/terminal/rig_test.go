package terminal

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/fixtures/wirecut"
	"github.com/vendgate/vendgate/vending"
)

// rig is a service that takes terminals, and the line to it.
type rig struct {
	t         *testing.T
	authority *Authority
	chest     *chest
	hub       *Hub
	registry  *prometheus.Registry
	proxy     *wirecut.Proxy
	off       atomic.Int64 // the service's clock less ours, in nanoseconds
	stop      func()
	inserted  chan string // tills
}

func newRig(t *testing.T) *rig {
	t.Helper()
	authority, err := OpenAuthority(t.TempDir(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, authority: authority, chest: newChest(), inserted: make(chan string, 100)}
	if r.proxy, err = wirecut.New(r.serve()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.proxy.Close)
	return r
}

// clock is the service's.
func (r *rig) clock() time.Time { return time.Now().Add(time.Duration(r.off.Load())) }

// serve starts the service, in the place of the one before.
func (r *rig) serve() string {
	r.t.Helper()
	config, err := r.authority.TLS(r.clock())
	if err != nil {
		r.t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		r.t.Fatal(err)
	}
	r.registry = prometheus.NewRegistry()
	r.hub = &Hub{Register: r.chest, Scripts: r.authority.Scripts, Patience: Patience, Metrics: NewMetrics(r.registry), Log: silent,
		Inserted: func(_ context.Context, t vending.Terminal) { r.inserted <- t.Till }}
	mux := http.NewServeMux()
	mux.Handle("/terminal", r.hub)
	mux.Handle("/enrol", NewEnrolment(r.authority, r.chest, r.clock, silent))
	dated := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Date", r.clock().UTC().Format(http.TimeFormat))
		mux.ServeHTTP(w, q)
	})
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{Handler: dated, BaseContext: func(net.Listener) context.Context { return ctx }}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	r.stop = sync.OnceFunc(func() { cancel(); _ = server.Close(); serving.Wait() })
	r.t.Cleanup(r.stop)
	return listener.Addr().String()
}

// restart kills the service and starts another one, which remembers no insertion.
func (r *rig) restart() {
	r.stop()
	r.proxy.Break()
	r.proxy.Turn(r.serve())
}

func (r *rig) service() string { return "wss://" + r.proxy.Addr() }

// code lets one terminal in.
func (r *rig) code(till string) string {
	code, kept := r.authority.NewCode(till, "chief", r.clock())
	r.chest.mu.Lock()
	defer r.chest.mu.Unlock()
	r.chest.codes[kept.Hash] = kept
	return code
}

// enrol makes an identity.
func (r *rig) enrol(till string) Identity {
	r.t.Helper()
	id, err := Enrol(r.t.Context(), r.service(), r.code(till), "PC-3")
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

func (r *rig) terminal(id Identity) vending.Terminal {
	r.t.Helper()
	t, err := r.chest.Terminal(r.t.Context(), id.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return t
}

// running is a vendgate terminal in this process.
type running struct {
	*Terminal
	card     *tape
	ended    chan error
	stop     func()
	troubles chan error
	log      *journal
}

// journal is a log that is read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// run starts a terminal and does not wait for its line.
func (r *rig) run(id Identity) *running {
	r.t.Helper()
	log := new(journal)
	logger := slog.New(slog.NewTextHandler(log, nil))
	x := &running{card: new(tape), ended: make(chan error, 1), troubles: make(chan error, 1000), log: log}
	x.Terminal = &Terminal{Identity: id, Service: r.service(), Log: logger,
		Agent:   &Agent{Reader: x.card, Scripts: id.Scripts, Log: logger},
		Trouble: func(err error, _ time.Duration) { x.troubles <- err }}
	ctx, cancel := context.WithCancel(context.Background())
	var going sync.WaitGroup
	going.Go(func() { x.ended <- x.Run(ctx) })
	x.stop = sync.OnceFunc(func() { cancel(); going.Wait() })
	r.t.Cleanup(x.stop)
	return x
}

// online waits for the terminal's line.
func (r *rig) online(t vending.Terminal) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), waiting)
	defer cancel()
	if _, err := r.hub.seat(t).await(ctx); err != nil {
		r.t.Fatal(err)
	}
}

// ends waits for a terminal that gives up.
func (x *running) ends(t *testing.T, want error) {
	t.Helper()
	select {
	case err := <-x.ended:
		if !errors.Is(err, want) {
			t.Errorf("ended with %v, want %v", err, want)
		}
	case <-time.After(waiting):
		t.Errorf("goes on, want %v", want)
	}
}

// trouble waits for a trouble of that kind.
func (x *running) trouble(t *testing.T, want error) {
	t.Helper()
	timeout := time.After(waiting)
	for {
		select {
		case err := <-x.troubles:
			if errors.Is(err, want) {
				return
			}
		case <-timeout:
			t.Fatalf("no such trouble: %v\n%s", want, x.log)
		}
	}
}

// clean fails where a log holds what no log may.
func (x *running) clean(t *testing.T, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(strings.ToLower(x.log.String()), strings.ToLower(s)) {
			t.Errorf("the log holds %s", s)
		}
	}
}
