package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// Every write of the store ends here: in commit, or in pipeline. The traps are those of reference/postgres-ha.md, by number.
//
// 1. A deadline on a commit loses money: pgx would send a cancel request, which ends the wait for the standby, and a row that
// was visible vanishes at the next failover. So what commits runs without the caller's cancellation, and a timer of our own
// says vending.ErrCommitInDoubt. The commit goes on behind it and gives its connection back when it ends.
//
// 2. A wait for a standby that somebody cancels makes a commit succeed with only a warning. It is caught where the connection
// hears it (guard) and is in doubt, not done; for a pipeline, too, which commits without saying so.
//
// 3. maximum_lag_on_failover 0 keeps Patroni from promoting the synchronous standby. It is a setting of Patroni; README.md.
//
// 4. statement_timeout does not end that wait. The timer of trap 1 does, for the caller; a connection is waited for within a
// bound too (pool.go), for those that hang are missing there.
//
// 5. A deadline is shared by all hosts of the address, connect_timeout is for each of them: it is always set.
//
// 6. The walk over the hosts ends at the first that refuses the password (28P01), the database (3D000) or the right to connect
// (42501), though another might have let us in: the error names that host.
//
// 7. A server that was demoted keeps its connections. One that says so (25006), or that is going away (57P0x), is left.
//
// 8. pgx knows no tcp_user_timeout. The dialer sets it, and has a wire that asks a silent server whether it lives (wire.go);
// the pool pings with a bound.

// fateKey is where a connection keeps what was heard on it.
const fateKey = "vendgate"

// fate is what the server said while one transaction ended.
type fate struct {
	unsynced bool            // the wait for a standby was given up
	refused  *pgconn.PgError // the first error that it answered
}

// watch begins a fate. The connection is the caller's own at the time.
func watch(conn *pgx.Conn) *fate {
	f := new(fate)
	conn.PgConn().CustomData()[fateKey] = f
	return f
}

func fateOf(conn *pgconn.PgConn) *fate {
	if f, ok := conn.CustomData()[fateKey].(*fate); ok {
		return f
	}
	return new(fate)
}

// notice hears trap 2. The message is in the server's language; the routine's name is not.
func notice(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.Routine == "SyncRepWaitForLSN" || strings.Contains(n.Message, "canceling wait for synchronous replication") {
		fateOf(conn).unsynced = true
	}
}

// answered keeps an error of the server, and says whether its connection can be used again (trap 7).
func answered(conn *pgconn.PgConn, e *pgconn.PgError) bool {
	if f := fateOf(conn); f.refused == nil {
		f.refused = e
	}
	return !leaving(e)
}

// leaving says whether a server is not, or no more, one to write to.
func leaving(e *pgconn.PgError) bool {
	const readOnly, shutdown = "25006", "57P0"
	return e.SeverityUnlocalized == "FATAL" || e.Code == readOnly || strings.HasPrefix(e.Code, shutdown)
}

// held is a transaction on a connection of its own, which is the commit's once that has begun.
type held struct {
	pgx.Tx
	conn       *pgxpool.Conn
	committing bool
}

// begin begins a transaction. Whoever begins one defers its Rollback.
func (s *Store) begin(ctx context.Context, options pgx.TxOptions) (*held, error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		conn.Release()
		return nil, down(err)
	}
	return &held{Tx: tx, conn: conn}, nil
}

// Rollback ends a transaction that was not committed; after commit it does nothing.
func (h *held) Rollback(ctx context.Context) error {
	if h.committing {
		return pgx.ErrTxClosed
	}
	h.committing = true
	defer h.conn.Release()
	return h.Tx.Rollback(ctx)
}

// commit ends a transaction. Its connection is given back, whatever comes of it.
//
// It fails with vending.ErrDatabase where the server was never asked, with what the server refuses, or with
// vending.ErrCommitInDoubt where nobody knows: then it must be read back before a card is touched.
func (s *Store) commit(ctx context.Context, h *held) error {
	h.committing = true
	if h.Conn().IsClosed() {
		h.conn.Release()
		return down(pgconn.ErrConnClosed)
	}
	return s.await(func() error {
		defer h.conn.Release()
		f := watch(h.Conn())
		err := h.Tx.Commit(context.WithoutCancel(ctx))
		if errors.Is(err, pgx.ErrTxCommitRollback) {
			return down(err)
		}
		return f.verdict(h.Conn(), err)
	})
}

// pipeline runs a batch as one transaction of its own, in one round trip: all of its statements, or none.
//
// It fails with vending.ErrDatabase where nothing was sent, with what the server refuses of any statement or at the commit (then
// nothing was done), or with vending.ErrCommitInDoubt where nobody knows: then it must be read back before a card is touched,
// and nothing that the functions of the batch fill may be looked at, for they may still be at it. Such a function undoes
// nothing by failing; its *vending.Error is handed on, any other is in doubt. A batch runs once.
func (s *Store) pipeline(ctx context.Context, b *pgx.Batch) error {
	conn, err := s.stages.Acquire(ctx)
	if err != nil {
		return err
	}
	return s.await(func() error {
		defer conn.Release()
		f := watch(conn.Conn())
		err := conn.SendBatch(context.WithoutCancel(ctx), b).Close()
		return f.verdict(conn.Conn(), err)
	})
}

// await waits for what cannot be cancelled, within a bound (traps 1 and 4).
func (s *Store) await(run func() error) error {
	done := make(chan error, 1)
	go func() { done <- run() }()
	timer := time.NewTimer(s.bounds.commit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return inDoubt("no answer within "+s.bounds.commit.String(), nil)
	}
}

// verdict says how a transaction ended, from what was heard and what pgx says. The server's word counts first: pgx drops it
// where a function of the batch has failed before, and calls a commit whose answer was lost safe to retry.
func (f *fate) verdict(conn *pgx.Conn, err error) error {
	var known *vending.Error
	switch {
	case f.unsynced:
		return inDoubt("the standby did not confirm", err)
	case f.refused != nil && f.refused.SeverityUnlocalized == "ERROR":
		return refusal(ledger.Refusal(f.refused))
	case err == nil:
		return nil
	case unsent(err):
		return down(err)
	case !conn.IsClosed() && errors.As(err, &known):
		return err
	default:
		return inDoubt("the answer was lost", err)
	}
}

func inDoubt(reason string, err error) error {
	doubt := vending.ErrCommitInDoubt.With("Reason", reason)
	if err == nil {
		return doubt
	}
	return fmt.Errorf("%w: %w", doubt, err)
}

// write is a pipeline of one statement.
func (s *Store) write(ctx context.Context, sql string, args ...any) error {
	b := &pgx.Batch{}
	b.Queue(sql, args...)
	return s.pipeline(ctx, b)
}

// confirm hands on that a deed is done already. It may have been in doubt, and may be read although no standby has it yet: it is
// done when a commit behind it was confirmed, and as doubtful as that one otherwise.
func (s *Store) confirm(ctx context.Context, done error) error {
	// A message in the log is the least that waits for the standby.
	if err := s.write(ctx, `select pg_logical_emit_message(true, 'vendgate', '')`); err != nil {
		return err
	}
	return done
}
