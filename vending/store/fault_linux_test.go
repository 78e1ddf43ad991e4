package store_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// cable is the way to the server. When a message contains what, it is cut once.
type cable struct {
	what string
	how  cut
	cut  atomic.Bool
	dead atomic.Bool // no new connection, and none that lives
}

type cut int

const (
	answerLost cut = iota // the server got the message and answered; we never hear it
	neverSent             // we think that the message went out; the server never got it
	refused               // the write fails, and nothing went out
)

func (c *cable) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if c.dead.Load() {
		return nil, &net.OpError{Op: "dial", Err: errors.New("no route")}
	}
	inner, err := new(net.Dialer).DialContext(ctx, network, addr)
	return &wire{Conn: inner, cable: c}, err
}

type wire struct {
	net.Conn
	cable *cable
	deaf  atomic.Bool
}

func (w *wire) Write(b []byte) (int, error) {
	if w.cable.dead.Load() {
		w.Conn.Close()
		return 0, &net.OpError{Op: "write", Err: net.ErrClosed}
	}
	if w.cable.what == "" || !bytes.Contains(b, []byte(w.cable.what)) || w.cable.cut.Swap(true) {
		return w.Conn.Write(b)
	}
	switch w.cable.how {
	case answerLost:
		w.deaf.Store(true)
		return w.Conn.Write(b)
	case neverSent:
		w.Conn.Close()
		return len(b), nil
	default:
		w.Conn.Close()
		return 0, &net.OpError{Op: "write", Err: errors.New("broken pipe")}
	}
}

// Read of a deaf wire waits for the answer, so that the server has done its part.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if w.deaf.Load() {
		w.Conn.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// commitMessage is how pgx ends a transaction (a simple query, with its final zero).
const commitMessage = "commit\x00"

// A commit that may have reached the server is in doubt, done or not; what failed
// before, or did not get out, is down, and not done.
func TestConnectionCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		what string
		how  cut
		want error
		done bool
	}{
		"commit done, answer lost":     {commitMessage, answerLost, vending.ErrCommitInDoubt, true},
		"commit never arrived":         {commitMessage, neverSent, vending.ErrCommitInDoubt, false},
		"commit could not be written":  {commitMessage, refused, vending.ErrDatabase, false},
		"answer to begin lost":         {"begin", answerLost, vending.ErrDatabase, false},
		"begin could not be written":   {"begin", refused, vending.ErrDatabase, false},
		"answer to the lock lost":      {"for no key update", answerLost, vending.ErrDatabase, false},
		"answer to the intent lost":    {"insert into purchase", answerLost, vending.ErrDatabase, false},
		"intent could not be written":  {"insert into purchase", refused, vending.ErrDatabase, false},
		"answer to the transfers lost": {"insert into ledger_transfer", answerLost, vending.ErrDatabase, false},
		"transfers never arrived":      {"insert into ledger_transfer", neverSent, vending.ErrDatabase, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			h := d.household(t, 1001)
			// A store of its own, that has prepared nothing: it sends the SQL.
			var armed cable
			d.over(t, &armed)
			armed.what, armed.how = c.what, c.how
			p := h.sale(1)
			err := h.add(t.Context(), p)
			wantErr(t, err, c.want)
			if errors.Is(err, vending.ErrDatabase) && errors.Is(err, vending.ErrCommitInDoubt) || !armed.cut.Load() {
				t.Errorf("cut %t: %v", armed.cut.Load(), err)
			}
			if _, err := d.Purchase(t.Context(), p.ID); (err == nil) != c.done || err != nil && !errors.Is(err, vending.ErrNoPurchase) {
				t.Errorf("read back: %v", err)
			}
			d.wantClean(t)
		})
	}
}

// over replaces the store by one that reaches the same database over a cable.
func (d *database) over(t *testing.T, c *cable) {
	t.Helper()
	config, err := pgxpool.ParseConfig(d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.ConnConfig.DialFunc = c.dial
	if d.Store, err = store.OpenConfig(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Store.Close)
}

// A transaction whose connection died unnoticed before the commit was sent is not
// in doubt: the server was never asked.
func TestCommitNeverAsked(t *testing.T) {
	t.Parallel()
	var armed cable
	d := open(t)
	d.over(t, &armed)
	h := d.household(t, 1001)
	err := h.do(t.Context(), func(tx *store.Tx) error {
		armed.dead.Store(true)
		if _, err := tx.Purchase(t.Context(), h.sale(1).ID); err == nil {
			t.Error("a dead connection answered")
		}
		armed.dead.Store(false)
		return nil
	})
	wantErr(t, err, vending.ErrDatabase)
	if errors.Is(err, vending.ErrCommitInDoubt) {
		t.Error(err)
	}
}

// The server ends the session between the last statement and the commit.
func TestSessionEndedByTheServer(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	p := h.sale(1)
	err := h.do(t.Context(), func(tx *store.Tx) error {
		if err := tx.AddPurchase(t.Context(), p); err != nil {
			return err
		}
		d.by(t, `select pg_terminate_backend(pid, 5000) from pg_stat_activity
			where datname = current_database() and state = 'idle in transaction'`)
		return nil
	})
	if !errors.Is(err, vending.ErrCommitInDoubt) && !errors.Is(err, vending.ErrDatabase) {
		t.Error(err)
	}
	_, err = d.Purchase(t.Context(), p.ID)
	wantErr(t, err, vending.ErrNoPurchase)
	if err := h.add(t.Context(), p); err != nil {
		t.Error(err)
	}
	d.wantClean(t)
}

// A caller who has gone away does not cancel a commit on its way.
func TestCommitIsNotCancelled(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	p := h.sale(1)
	ctx, cancel := context.WithCancel(t.Context())
	err := h.do(ctx, func(tx *store.Tx) error {
		err := tx.AddPurchase(ctx, p)
		cancel()
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := h.Purchase(t.Context(), p.ID); err != nil {
		t.Error(err)
	}
}

// onCommit has the server do something while it commits the state of a card.
func (d *database) onCommit(t *testing.T, body string) {
	t.Helper()
	d.by(t, `create function at_commit() returns trigger language plpgsql as $$ begin `+body+` return null; end $$;
		create constraint trigger at_commit after update on card deferrable initially deferred for each row execute function at_commit()`)
}

func (h *household) see(ctx context.Context) error {
	return h.do(ctx, func(tx *store.Tx) error { return tx.SetCardState(ctx, h.card.No, vending.CardLost) })
}

func (h *household) lost(t *testing.T) bool {
	t.Helper()
	cards, err := h.Cards(t.Context(), h.customer.No)
	if err != nil || len(cards) != 1 {
		t.Fatal(cards, err)
	}
	return cards[0].State == vending.CardLost
}

// The server says that it committed, and in a warning that no standby confirmed:
// in doubt, though pgx reports no error (reference: a cancelled synchronous wait).
func TestStandbyDidNotConfirm(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	h.onCommit(t, `raise warning 'canceling wait for synchronous replication due to user request';`)
	wantErr(t, h.see(t.Context()), vending.ErrCommitInDoubt)
	if !h.lost(t) {
		t.Error("it was stored, all the same")
	}
	// The next commit, of which nothing of the kind is said, is not in doubt.
	if err := h.add(t.Context(), h.sale(1)); err != nil {
		t.Error(err)
	}
}

// A commit that the server refuses with an answer is not in doubt.
func TestCommitRefused(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	h.onCommit(t, `raise exception 'no';`)
	err := h.see(t.Context())
	if err == nil || errors.Is(err, vending.ErrCommitInDoubt) || errors.Is(err, vending.ErrDatabase) {
		t.Error(err)
	}
	if h.lost(t) {
		t.Error("it was stored")
	}
}

// A failed statement whose error was swallowed turns the commit into a rollback.
func TestSwallowedErrorIsNotACommit(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	if err := h.add(t.Context(), h.sale(1)); err != nil {
		t.Fatal(err)
	}
	err := h.do(t.Context(), func(tx *store.Tx) error {
		if err := tx.AddPurchase(t.Context(), h.sale(1)); err == nil {
			t.Error("a second pending purchase was taken")
		}
		return nil
	})
	if err == nil || errors.Is(err, vending.ErrCommitInDoubt) {
		t.Error(err)
	}
	h.wantClean(t)
}

// With the database down everything says so, and works again when it is back.
func TestDatabaseDown(t *testing.T) {
	t.Parallel()
	var line cable
	d := open(t)
	d.over(t, &line)
	h := d.household(t, 1001)
	ctx := t.Context()
	c, m := people(1002)
	calls := map[string]func() error{
		"Ping":          func() error { return d.Ping(ctx) },
		"AddCustomer":   func() error { _, err := d.AddCustomer(ctx, c, m, opening); return err },
		"Customer":      func() error { _, _, err := d.Customer(ctx, 1001); return err },
		"MeterOwner":    func() error { _, err := d.MeterOwner(ctx, m.No); return err },
		"Balances":      func() error { _, err := d.Balances(ctx, 1001); return err },
		"Trial":         func() error { _, err := d.Trial(ctx); return err },
		"Facts":         func() error { _, err := d.Facts(ctx, store.Asked{UID: h.card.UID}); return err },
		"Cards":         func() error { _, err := d.Cards(ctx, 1001); return err },
		"Purchase":      func() error { _, err := d.Purchase(ctx, h.sale(1).ID); return err },
		"Purchases":     func() error { _, err := d.Purchases(ctx, 0, false, 1); return err },
		"OldestPending": func() error { _, err := d.OldestPending(ctx); return err },
		"Statements":    func() error { return d.Statements(ctx, "", func(store.Statement) error { return nil }) },
		"CheckBooks":    func() error { _, err := d.CheckBooks(ctx); return err },
		"ForCustomer":   func() error { return h.do(ctx, func(*store.Tx) error { return nil }) },
	}
	for name, call := range calls {
		line.dead.Store(true)
		if err := call(); !errors.Is(err, vending.ErrDatabase) {
			t.Errorf("%s: %v", name, err)
		}
		line.dead.Store(false)
		if err := call(); errors.Is(err, vending.ErrDatabase) {
			t.Errorf("%s, and the database is back: %v", name, err)
		}
	}
}

func TestNoDatabase(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{
		"host=" + t.TempDir() + " dbname=vendgate user=vendgate",
		"postgres://127.0.0.1:1/vendgate?sslmode=disable",
		"postgres://[", "host='", "port=seven",
	} {
		s, err := store.Open(t.Context(), dsn)
		if !errors.Is(err, vending.ErrDatabase) || s != nil {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// What the store hands on of the ledger's refusals.
func TestOverdrawnCard(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	err := h.do(t.Context(), func(tx *store.Tx) error {
		return tx.Apply(t.Context(), ledger.Transfer{Customer: 1001, ID: h.sale(1).ID, Kind: ledger.Single, Debit: ledger.Card(h.card.No),
			Credit: ledger.Meter(h.meter.No), Amount: ledger.Amount{N: 1, Commodity: ledger.Litre}, Cause: h.sale(1).ID, At: noon})
	})
	wantErr(t, err, ledger.ErrOverdrawn)
}
