package store_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sys/unix"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// proxy is the way to a server over TCP. Silenced, it takes connections and bytes, and passes nothing on.
type proxy struct {
	dsn  string
	gate sync.RWMutex
}

func (d *database) proxy(t *testing.T) *proxy {
	t.Helper()
	config, err := pgx.ParseConfig(d.dsn)
	must(t, err)
	front, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { front.Close() })
	p := &proxy{dsn: fmt.Sprintf("host=127.0.0.1 port=%d user=%s dbname=%s sslmode=disable", front.Addr().(*net.TCPAddr).Port, config.User, config.Database)}
	go func() {
		for {
			near, err := front.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("unix", fmt.Sprintf("%s/.s.PGSQL.%d", config.Host, config.Port))
			if err != nil {
				near.Close()
				continue
			}
			go p.pass(near, far)
			go p.pass(far, near)
		}
	}()
	return p
}

func (p *proxy) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	for buffer := make([]byte, 4096); ; {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.gate.RLock()
		_, err = to.Write(buffer[:n])
		p.gate.RUnlock()
		if err != nil {
			return
		}
	}
}

// A server that is reached and says nothing, ever: the kernel beside it confirms what we send, so only we can find out. (Traps 5, 8.)
func TestBlackHole(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	way := d.proxy(t)
	d.dsn = way.dsn
	d.slowly(t, "commit_timeout=200ms silence_timeout=100ms connect_timeout=1 pool_ping_timeout=100ms pool_min_conns=2 pool_max_conns=2")
	must(t, store.Pipeline(d.Store, t.Context(), look(uuid.New())))
	sale := h.sale(1)
	way.gate.Lock()
	for _, call := range []struct {
		name string
		do   func() error
		want error
	}{
		{"pipeline", func() error { return store.Pipeline(d.Store, t.Context(), look(sale.ID)) }, vending.ErrCommitInDoubt},
		{"read", func() error { _, _, err := d.Customer(t.Context(), 1001); return err }, vending.ErrDatabase},
		{"transaction", func() error { return d.ForCustomer(t.Context(), 1001, opening, func(*store.Tx) error { return nil }) }, vending.ErrDatabase},
		{"ping", func() error { return d.Ping(t.Context()) }, vending.ErrDatabase},
		{"open", func() error { _, err := store.Open(t.Context(), way.dsn+" connect_timeout=1"); return err }, vending.ErrDatabase},
	} {
		begun := time.Now()
		wantErr(t, call.do(), call.want)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s gave up after %v", call.name, took)
		}
	}
	way.gate.Unlock()
	if err := d.add(t.Context(), h, sale); err != nil {
		t.Error(err)
	}
}

func (d *database) add(ctx context.Context, h *household, p vending.Purchase) error {
	return d.ForCustomer(ctx, h.customer.No, vending.Deed{Kind: "test", By: clerk}, func(tx *store.Tx) error { return tx.AddPurchase(ctx, p) })
}

// An answer may take its time from a server that lives.
func TestSlowIsNotSilent(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.dsn = d.proxy(t).dsn
	d.slowly(t, "commit_timeout=1m silence_timeout=20ms")
	b := &pgx.Batch{}
	b.Queue(`select pg_sleep(0.3)`)
	if err := store.Pipeline(d.Store, t.Context(), b); err != nil {
		t.Error(err)
	}
}

// What was sent may stay unconfirmed so long and no longer.
func TestTCPUserTimeout(t *testing.T) {
	t.Parallel()
	d := open(t)
	config, err := pgxpool.ParseConfig(d.proxy(t).dsn + " tcp_user_timeout=7000")
	must(t, err)
	dial := config.ConnConfig.DialFunc
	var last *net.TCPConn
	var turn sync.Mutex
	config.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		turn.Lock()
		defer turn.Unlock()
		last, _ = conn.(*net.TCPConn)
		return conn, err
	}
	s, err := store.OpenConfig(t.Context(), config)
	must(t, err)
	defer s.Close()
	must(t, s.Ping(t.Context()))
	raw, err := last.SyscallConn()
	must(t, err)
	var bound int
	must(t, raw.Control(func(fd uintptr) { bound, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT) }))
	if err != nil || bound != 7000 {
		t.Error(bound, err)
	}
}

// The bounds are settings; what is no length of time is refused, and nothing of it reaches the server.
func TestBoundsAreSettings(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, wrong := range []string{"commit_timeout=soon", "acquire_timeout=-1s", "silence_timeout=5", "tcp_user_timeout=x"} {
		s, err := store.Open(t.Context(), d.dsn+" "+wrong)
		wantErr(t, err, vending.ErrDatabase)
		if s != nil {
			t.Error("opened with", wrong)
		}
	}
	d.slowly(t, "commit_timeout=5s acquire_timeout=15s silence_timeout=1m tcp_user_timeout=10000 connect_timeout=3 pool_ping_timeout=1s")
}
