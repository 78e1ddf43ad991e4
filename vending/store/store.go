package store

import (
	"context"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger/bulk"
	"github.com/vendgate/vendgate/vending"
)

// Store is the database. It is safe for concurrent use.
type Store struct {
	pool    *pool
	stages  *pool // for the stages of a sale
	bounds  bounds
	schemas []Schema

	askings  *group[*asking]
	openings *group[opening]
	endings  *group[ending]
}

// together is how many groups, of whatever stage, are on their way at the same time: one a
// processor, for more would only be smaller. At least two, so that one computes while the
// other waits for the disk; at most eight, for PostgreSQL allows so many connections.
var together = min(8, max(2, runtime.NumCPU()))

// Open connects and brings the schema up to date. It fails with
// vending.ErrDatabase where no server answers and with vending.ErrNewerSchema
// where the database was written by a newer vendgate.
func Open(ctx context.Context, dsn string) (*Store, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, vending.ErrDatabase.With("Reason", "the database address cannot be read")
	}
	return OpenConfig(ctx, config)
}

// stage makes the stages of a sale. Who begins goes last: then those who begin meet,
// and go on together.
func (s *Store) stage(n int) {
	l := &lanes{most: n}
	s.askings = &group[*asking]{lanes: l, do: s.askAll}
	s.openings = &group[opening]{lanes: l, do: s.openAll, apart: func(o opening) int64 { return o.purchase.Customer }}
	s.endings = &group[ending]{lanes: l, do: s.endAll, apart: func(e ending) int64 { return e.purchase.Customer }}
	l.stages = []stage{s.openings, s.endings, s.askings}
}

// OpenConfig is Open with a configuration of the caller's, such as a dialer
// that loses connections.
func OpenConfig(ctx context.Context, config *pgxpool.Config) (*Store, error) {
	b, err := guard(config)
	if err != nil {
		return nil, err
	}
	s := &Store{bounds: b}
	s.stage(together)
	if s.schemas, err = migrate(ctx, config.ConnConfig); err != nil {
		return nil, err
	}
	config.AfterConnect = serve
	own, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, down(err)
	}
	s.pool = newPool(own, b)
	quick, err := pgxpool.NewWithConfig(ctx, stagesConfig(config, b))
	if err != nil {
		own.Close()
		return nil, down(err)
	}
	s.stages = newPool(quick, b)
	return s, nil
}

// stagesConfig is for the stages of a sale: a few statements that are always the same
// and worth planning once, not each time anew. They look rows up by their keys, and a plan
// that is made while a table is small must do so still when it has grown. What another
// transaction holds they wait for shorter than for a commit: the sale is refused then, and
// not in doubt.
func stagesConfig(config *pgxpool.Config, b bounds) *pgxpool.Config {
	quick := config.Copy()
	quick.ConnConfig.RuntimeParams["lock_timeout"] = milliseconds(min(b.lock, b.commit*4/5))
	quick.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	quick.ConnConfig.RuntimeParams["enable_seqscan"] = "off"
	quick.ConnConfig.RuntimeParams["jit"] = "off"
	quick.MinConns, quick.MaxConns = 0, int32(3*together)
	return quick
}

// serve makes a connection work as the role that owns nothing and so cannot change
// what was written, where an administrator or a migration has made the role. A server
// that can is told to look whether we are still there while a statement runs: it ends
// the wait of a service that was killed.
func serve(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `
		do $$ begin
			perform set_config('client_connection_check_interval', '10s', false)
			from pg_settings where name = 'client_connection_check_interval' and source = 'default';
		exception when invalid_parameter_value then null; -- not on this system
		end $$;
		select set_config('role', 'vendgate_service', false) from pg_roles
		where rolname = 'vendgate_service' and pg_has_role(current_user, oid, 'member')`)
	if err != nil {
		return err
	}
	return bulk.Register(ctx, conn)
}

// Close releases the connections. It does not wait for a commit that hangs.
func (s *Store) Close() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.stages.Close()
		s.pool.Close()
	}()
	select {
	case <-done:
	case <-time.After(s.bounds.commit):
	}
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return down(err)
	}
	return nil
}
