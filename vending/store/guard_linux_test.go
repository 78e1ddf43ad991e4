package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// fact is a table of one column: was it done?
func (d *database) fact(t *testing.T, body string) {
	t.Helper()
	d.by(t, `create table fact (customer_no bigint primary key);
		create function at_commit() returns trigger language plpgsql as $$ begin `+body+` return null; end $$;
		create constraint trigger at_commit after insert on fact deferrable initially deferred for each row execute function at_commit()`)
}

func (d *database) done(t *testing.T) (n int) {
	t.Helper()
	if err := d.sql.QueryRow(t.Context(), `select count(*) from fact`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// two is a batch of two facts.
func two() *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue(`insert into fact values ($1)`, 1)
	b.Queue(`insert into fact values ($1)`, 2)
	return b
}

// warm prepares the statements of two, on a connection of its own pool.
func (d *database) warm(t *testing.T) {
	t.Helper()
	if err := store.Pipeline(d.Store, t.Context(), two()); err != nil {
		t.Fatal(err)
	}
	d.by(t, `delete from fact`)
}

// syncMessage ends a pipeline; PostgreSQL does nothing for good before it has it.
const syncMessage = "S\x00\x00\x00\x04"

// A pipeline whose answer is lost is in doubt, done or not; one that did not get out is down, and not done.
func TestPipelineCut(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how  cut
		want error
		done int
	}{
		"answer lost":       {answerLost, vending.ErrCommitInDoubt, 2},
		"never arrived":     {neverSent, vending.ErrCommitInDoubt, 0},
		"could not be sent": {refused, vending.ErrDatabase, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.fact(t, "")
			var armed cable
			d.over(t, &armed)
			d.warm(t)
			armed.what, armed.how = syncMessage, c.how
			err := store.Pipeline(d.Store, t.Context(), two())
			wantErr(t, err, c.want)
			if errors.Is(err, vending.ErrDatabase) && errors.Is(err, vending.ErrCommitInDoubt) || !armed.cut.Load() {
				t.Errorf("cut %t: %v", armed.cut.Load(), err)
			}
			if done := d.done(t); done != c.done {
				t.Errorf("%d done", done)
			}
		})
	}
}

// With nobody there a pipeline is down, and works again afterwards.
func TestPipelineNeverAsked(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.fact(t, "")
	var line cable
	d.over(t, &line)
	d.warm(t)
	line.dead.Store(true)
	for range 2 { // on a connection that lived, and on none
		if err := store.Pipeline(d.Store, t.Context(), two()); !errors.Is(err, vending.ErrDatabase) || errors.Is(err, vending.ErrCommitInDoubt) {
			t.Error(err)
		}
	}
	line.dead.Store(false)
	if err := store.Pipeline(d.Store, t.Context(), two()); err != nil || d.done(t) != 2 {
		t.Error(err)
	}
}

// What the server refuses is not done, neither in the batch nor at its commit; and what it refuses counts, even after a function
// of the batch has failed.
func TestPipelineRefused(t *testing.T) {
	t.Parallel()
	own := errors.New("of the function's own")
	for name, c := range map[string]struct {
		atCommit string
		batch    func(*pgx.Batch)
	}{
		"statement": {"", func(b *pgx.Batch) { b.Queue(`insert into fact values (1)`) }},
		"commit":    {`raise exception using errcode = 'unique_violation', message = 'no';`, func(*pgx.Batch) {}},
		"after a function failed": {"", func(b *pgx.Batch) {
			b.QueuedQueries[0].Exec(func(pgconn.CommandTag) error { return own })
			b.Queue(`insert into fact values (1)`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.fact(t, c.atCommit)
			b := two()
			c.batch(b)
			err := store.Pipeline(d.Store, t.Context(), b)
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "23505" || errors.Is(err, vending.ErrCommitInDoubt) || errors.Is(err, vending.ErrDatabase) {
				t.Error(err)
			}
			if done := d.done(t); done != 0 {
				t.Errorf("%d done", done)
			}
		})
	}
}

// A function of a batch undoes nothing by failing: in doubt, unless it knows what it says.
func TestPipelineFunctionFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fails, want error }{
		"own":     {errors.New("own"), vending.ErrCommitInDoubt},
		"vending": {vending.ErrRepeated, vending.ErrRepeated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			d.fact(t, "")
			b := two()
			b.QueuedQueries[0].Exec(func(pgconn.CommandTag) error { return c.fails })
			err := store.Pipeline(d.Store, t.Context(), b)
			wantErr(t, err, c.want)
			wantErr(t, err, c.fails)
			if done := d.done(t); done != 2 {
				t.Errorf("%d done", done)
			}
		})
	}
}

// A warning that no standby confirmed puts a pipeline in doubt, and not the next one on the same connection.
func TestPipelineNotConfirmed(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.fact(t, `if new.customer_no = 1 then raise warning 'canceling wait for synchronous replication due to user request'; end if;`)
	wantErr(t, store.Pipeline(d.Store, t.Context(), two()), vending.ErrCommitInDoubt)
	b := &pgx.Batch{}
	b.Queue(`insert into fact values ($1)`, 3)
	if err := store.Pipeline(d.Store, t.Context(), b); err != nil || d.done(t) != 3 {
		t.Error(err)
	}
}

// A caller who goes away cancels neither a pipeline nor the wait for its answer.
func TestPipelineIsNotCancelled(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.fact(t, hangs)
	keeper, err := d.sql.Acquire(t.Context())
	must(t, err)
	defer keeper.Release()
	_, err = keeper.Exec(t.Context(), `select pg_advisory_lock(42)`)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- store.Pipeline(d.Store, ctx, two()) }()
	for waiting := false; !waiting; {
		must(t, d.sql.QueryRow(t.Context(), `select exists (select from pg_stat_activity where datname = current_database() and wait_event = 'advisory')`).Scan(&waiting))
	}
	cancel()
	_, err = keeper.Exec(t.Context(), `select pg_advisory_unlock(42)`)
	must(t, err)
	if err := <-done; err != nil || d.done(t) != 2 {
		t.Error(err)
	}
}

// slowly is a store on the same database that does not wait long.
func (d *database) slowly(t *testing.T, bounds string) {
	t.Helper()
	var err error
	if d.Store, err = store.Open(t.Context(), d.dsn+" "+bounds); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Store.Close)
}

// hangs waits, in a trigger, until the key 42 is given back, as a commit waits for its standby: no lock_timeout ends that.
const hangs = `perform set_config('lock_timeout', '0', true); perform pg_advisory_xact_lock(42);`

// A commit that takes long is in doubt when the caller has waited long enough. It goes on, and its connection comes back.
func TestCommitTakesLong(t *testing.T) {
	t.Parallel()
	const key = 42
	for name, run := range map[string]func(*household) error{
		"transaction": func(h *household) error { return h.see(t.Context()) },
		"pipeline": func(h *household) error {
			b := &pgx.Batch{}
			b.Queue(`update card set state = 'lost' where customer_no = $1`, h.customer.No)
			return store.Pipeline(h.Store, t.Context(), b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			h := d.household(t, 1001)
			d.onCommit(t, hangs)
			d.slowly(t, "commit_timeout=100ms pool_max_conns=1")
			keeper, err := d.sql.Acquire(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := keeper.Exec(t.Context(), `select pg_advisory_lock($1)`, key); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			wantErr(t, run(h), vending.ErrCommitInDoubt)
			if took := time.Since(begun); took > 3*time.Second {
				t.Errorf("the caller waited %v", took)
			}
			if _, err := keeper.Exec(t.Context(), `select pg_advisory_unlock($1)`, key); err != nil {
				t.Fatal(err)
			}
			keeper.Release()
			for !h.lost(t) { // it goes on behind us
				must(t, t.Context().Err())
			}
			must(t, run(h)) // on the one connection, which has come back
		})
	}
}
