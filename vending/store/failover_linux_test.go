package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// pair is a store on a primary with a synchronous standby.
type pair struct {
	*database
	servers *pgtest.Pair
}

func openPair(t *testing.T, bounds string) *pair {
	t.Helper()
	servers := pgtest.NewPair(t)
	d := &database{dsn: servers.DSN()}
	s, err := store.Open(t.Context(), d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	d.slowly(t, bounds)
	if d.sql, err = pgxpool.New(t.Context(), servers.A.DSN()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.sql.Close)
	return &pair{d, servers}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Without its standby a primary lets commits hang; told to, it gives up the wait; demoted, it keeps its connections.
func TestSynchronousStandby(t *testing.T) {
	t.Parallel()
	p := openPair(t, "commit_timeout=300ms acquire_timeout=100ms pool_max_conns=2 connect_timeout=2")
	h := p.household(t, 1001)
	p.household(t, 1002)
	p.household(t, 1003)
	p.servers.B.Kill()
	t.Run("gone", func(t *testing.T) { p.standbyGone(t, h) })
	t.Run("wait cancelled", func(t *testing.T) { p.waitCancelled(t, h) })
	t.Run("demoted", func(t *testing.T) { p.demoted(t, h) })
}

func look(id uuid.UUID) *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue(`insert into look (customer_no, id, who, origin, what) values (1001, $1, 'clerk', '', '')`, id)
	return b
}

const waits = `select exists (select from pg_stat_activity where wait_event = 'SyncRep')`

// standbyGone: commits are in doubt when the caller has waited long enough, and are there once the standby is back. Nobody who
// waits for a connection meanwhile waits for ever. (Traps 1 and 4.)
func (p *pair) standbyGone(t *testing.T, h *household) {
	sale := h.sale(1)
	wantErr(t, h.add(t.Context(), sale), vending.ErrCommitInDoubt)
	wantErr(t, store.Pipeline(p.Store, t.Context(), look(sale.ID)), vending.ErrCommitInDoubt)
	hang := make([]error, 0, 2)
	for _, no := range []int64{1002, 1003} { // until no connection is left
		hang = append(hang, p.ForCustomer(t.Context(), no, vending.Deed{Kind: "test", By: clerk}, func(tx *store.Tx) error { tx.Changed("n", 1); return nil }))
	}
	wantErr(t, hang[1], vending.ErrDatabase)
	_, _, err := p.Customer(t.Context(), 1001)
	wantErr(t, err, vending.ErrDatabase)
	must(t, p.servers.B.Start(t.Context()))
	must(t, p.servers.A.Until(t.Context(), `select not (`+waits[len("select "):]+`)`))
	if _, err := h.Purchase(t.Context(), sale.ID); err != nil {
		t.Error(err)
	}
	var n int
	if err := p.sql.QueryRow(t.Context(), `select count(*) from look where id = $1`, sale.ID).Scan(&n); err != nil || n != 1 {
		t.Error(n, err)
	}
	p.wantClean(t)
}

// waitCancelled: what was committed can be read and may yet vanish. pgx reports no error, we are in doubt, and nobody says that it
// is done before the standby has it. (Traps 1 and 2.)
func (p *pair) waitCancelled(t *testing.T, h *household) {
	patient := *p.database
	patient.slowly(t, "commit_timeout=20s")
	p.servers.B.Kill()
	id := uuid.New()
	deed := func() error {
		return patient.ForCustomer(t.Context(), 1001, vending.Deed{ID: id, Kind: "test", By: clerk}, func(tx *store.Tx) error { tx.Changed("n", 1); return nil })
	}
	for name, write := range map[string]func() error{
		"transaction":                     deed,
		"the same, which is done already": deed, // in whatever order: nobody may say that it is done
		"pipeline":                        func() error { return store.Pipeline(patient.Store, t.Context(), look(id)) },
	} {
		done := make(chan error, 1)
		go func() { done <- write() }()
		must(t, p.servers.A.Until(t.Context(), waits))
		must(t, p.servers.A.Do(t.Context(), `select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`))
		if err := <-done; !errors.Is(err, vending.ErrCommitInDoubt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var n int
	if err := p.sql.QueryRow(t.Context(), `select count(*) from look where id = $1`, id).Scan(&n); err != nil || n != 1 {
		t.Errorf("it can be read all the same: %d, %v", n, err)
	}
	must(t, p.servers.B.Start(t.Context()))
	wantErr(t, deed(), vending.ErrRepeated)
}

// demoted: a server that has become read-only keeps its connections. Each is left at its first error, and the other server is
// found. (Trap 7.)
func (p *pair) demoted(t *testing.T, h *household) {
	one := *p.database
	one.slowly(t, "pool_max_conns=1 connect_timeout=2")
	must(t, p.servers.A.Until(t.Context(), `select exists (select from pg_stat_replication where sync_state = 'sync')`))
	w := &writer{no: 1001}
	must(t, w.deed(t.Context(), one.Store))
	must(t, p.servers.A.Do(t.Context(), "alter system set default_transaction_read_only = on"))
	must(t, p.servers.A.Do(t.Context(), "select pg_reload_conf()"))
	must(t, p.servers.A.Until(t.Context(), "select current_setting('default_transaction_read_only') = 'on'"))
	must(t, p.servers.B.Promote(t.Context()))
	must(t, w.deed(t.Context(), one.Store))
	if len(w.acknowledged) != 1 || len(w.rest) != 0 {
		t.Errorf("the demoted server: %d deeds done, %d in doubt", len(w.acknowledged), len(w.rest))
	}
	must(t, w.deed(t.Context(), one.Store))
	if len(w.acknowledged) != 2 {
		t.Error("the other server was not found")
	}
	p.wantHistory(t, []*writer{w})
}

// writer does deeds, one after another, and keeps what it was told.
type writer struct {
	no                 int64
	acknowledged, rest []uuid.UUID // done; in doubt
}

func (w *writer) deed(ctx context.Context, s *store.Store) error {
	id := uuid.New()
	deed := vending.Deed{ID: id, Kind: "written", By: clerk}
	err := s.ForCustomer(ctx, w.no, deed, func(tx *store.Tx) error { tx.Changed("n", len(w.acknowledged)); return nil })
	switch {
	case err == nil:
		w.acknowledged = append(w.acknowledged, id)
	case errors.Is(err, vending.ErrCommitInDoubt):
		w.rest = append(w.rest, id)
	case !errors.Is(err, vending.ErrDatabase):
		return err
	}
	return nil
}

// The primary is killed under load and the standby promoted: what was acknowledged is there, and only what was in doubt beside.
func TestFailover(t *testing.T) {
	t.Parallel()
	p := openPair(t, "commit_timeout=2s connect_timeout=2")
	const writers, each = 4, 40
	all := make([]*writer, writers)
	for i := range all {
		all[i] = &writer{no: int64(1001 + i)}
		p.household(t, all[i].no)
	}
	var acknowledged atomic.Int64
	half, over := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	failed := make(chan error, writers)
	for _, w := range all {
		done.Go(func() {
			for afterwards := 0; afterwards < each; {
				before := len(w.acknowledged)
				if err := w.deed(t.Context(), p.Store); err != nil {
					failed <- err
					return
				}
				if len(w.acknowledged) == before {
					continue
				}
				if acknowledged.Add(1) == writers*each/2 {
					close(half)
				}
				select {
				case <-over:
					afterwards++
				default:
				}
			}
		})
	}
	<-half
	p.servers.A.Kill()
	must(t, p.servers.B.Promote(t.Context()))
	close(over)
	done.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	p.wantHistory(t, all)
	p.wantClean(t)
}

// wantHistory holds what the writers were told against the records of the server that is left.
func (p *pair) wantHistory(t *testing.T, all []*writer) {
	t.Helper()
	sql, err := pgx.Connect(t.Context(), p.servers.B.DSN())
	must(t, err)
	defer sql.Close(context.Background())
	told, doubts := 0, 0
	for _, w := range all {
		var rows, lost, known int
		must(t, sql.QueryRow(t.Context(), `select count(*), count(*) filter (where id = any($2)), count(*) filter (where id = any($3))
			from ledger_record where customer_no = $1 and kind = 'written'`, w.no, w.acknowledged, w.rest).Scan(&rows, &known, &lost))
		if known != len(w.acknowledged) || rows != known+lost {
			t.Errorf("customer %d: %d acknowledged, of which %d are there; %d rows, %d of them had been in doubt", w.no, len(w.acknowledged), known, rows, lost)
		}
		told, doubts = told+len(w.acknowledged), doubts+len(w.rest)
	}
	t.Logf("%d acknowledged, %d in doubt", told, doubts)
}

// The walk over the hosts ends at the first that refuses, and the error says which that was. (Trap 6.)
func TestRefusingHostIsNamed(t *testing.T) {
	t.Parallel()
	d := open(t)
	config, err := pgx.ParseConfig(d.dsn)
	must(t, err)
	dsn := fmt.Sprintf("host=%s,%s port=1,%d user=%s dbname=missing", t.TempDir(), config.Host, config.Port, config.User)
	begun := time.Now()
	_, err = store.Open(t.Context(), dsn)
	var told *vending.Error
	if !errors.Is(err, vending.ErrDatabase) || !errors.As(err, &told) {
		t.Fatal(err)
	}
	if reason := fmt.Sprint(told.Args["Reason"]); !strings.Contains(reason, config.Host) || !strings.Contains(reason, "3D000") || time.Since(begun) > 10*time.Second {
		t.Error(reason)
	}
}
