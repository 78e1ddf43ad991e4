package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/vending"
)

// Store is the database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	// unsynced counts commits whose wait for a standby the server gave up.
	unsynced *atomic.Int64
}

// connectTimeout bounds the connection to each host of the DSN.
const connectTimeout = 2 * time.Second

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

// OpenConfig is Open with a configuration of the caller's, such as a dialer
// that loses connections.
func OpenConfig(ctx context.Context, config *pgxpool.Config) (*Store, error) {
	s := &Store{unsynced: new(atomic.Int64)}
	s.guard(config.ConnConfig)
	if err := migrate(ctx, config.ConnConfig); err != nil {
		return nil, err
	}
	config.AfterConnect = serve
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, down(err)
	}
	s.pool = pool
	return s, nil
}

// guard sets what reference/postgres-ha.md found necessary: a bound for each
// host, a notice when a synchronous wait was given up, and no second use of a
// connection whose server was demoted or shut down.
func (s *Store) guard(config *pgx.ConnConfig) {
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) {
		// The message is in the server's language; the routine's name is not.
		if n.Routine == "SyncRepWaitForLSN" || strings.Contains(n.Message, "canceling wait for synchronous replication") {
			s.unsynced.Add(1)
		}
	}
	config.OnPgError = func(_ *pgconn.PgConn, e *pgconn.PgError) bool {
		const readOnly, shutdown = "25006", "57P0"
		return e.SeverityUnlocalized != "FATAL" && e.Code != readOnly && !strings.HasPrefix(e.Code, shutdown)
	}
}

// serve makes a connection work as the role that owns nothing and so cannot change
// what was written, where an administrator or a migration has made the role.
func serve(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `select set_config('role', 'vendgate_service', false) from pg_roles
		where rolname = 'vendgate_service' and pg_has_role(current_user, oid, 'member')`)
	return err
}

// Close releases the connections.
func (s *Store) Close() { s.pool.Close() }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return down(err)
	}
	return nil
}

// down is the error of a database that does not answer. The reason names no
// password: pgx prints none.
func down(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return fmt.Errorf("%w: %w", vending.ErrDatabase.With("Reason", "no server answers at its address"), err)
	}
	return fmt.Errorf("%w: %w", vending.ErrDatabase.With("Reason", "the connection was lost"), err)
}
