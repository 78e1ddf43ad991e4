package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/vending"
)

// pool is pgxpool's, which waits for a free connection as long as the caller does. Here nobody waits for ever: commits that hang
// (trap 4) may hold all of them.
type pool struct {
	*pgxpool.Pool
	patience time.Duration
}

func newPool(p *pgxpool.Pool, b bounds) *pool {
	hosts := 1 + len(p.Config().ConnConfig.Fallbacks)
	return &pool{p, b.acquire + time.Duration(hosts)*b.connect} // each host has its time (trap 5)
}

// Acquire takes a connection; vending.ErrDatabase where none was to be had in time.
func (p *pool) Acquire(ctx context.Context) (*pgxpool.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	conn, err := p.Pool.Acquire(bounded)
	switch {
	case err == nil:
		return conn, nil
	case bounded.Err() != nil && ctx.Err() == nil:
		return nil, fmt.Errorf("%w: %w", vending.ErrDatabase.With("Reason", "no connection within "+p.patience.String()), err)
	}
	return nil, down(err)
}

// Ping asks for an answer, on a connection that may have to be waited for.
func (p *pool) Ping(ctx context.Context) error {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	return conn.Ping(ctx)
}

// Query gives its connection back when the rows are closed, or read to the end.
func (p *pool) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return noRows{err: err}, err
	}
	r, err := conn.Query(ctx, sql, args...)
	if err != nil {
		conn.Release()
		return r, err
	}
	return &rows{r, conn}, nil
}

// QueryRow gives its connection back when the row is scanned.
func (p *pool) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	r, err := p.Query(ctx, sql, args...)
	return row{r, err}
}

// SendBatch gives its connection back when the results are closed. It is for batches that only read; see pipeline.
func (p *pool) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	conn, err := p.Acquire(ctx)
	if err != nil {
		return noResults{err: err}
	}
	return &results{conn.SendBatch(ctx, b), conn}
}

type results struct {
	pgx.BatchResults
	conn *pgxpool.Conn
}

func (r *results) Close() error {
	err := r.BatchResults.Close()
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
	return err
}

type rows struct {
	pgx.Rows
	conn *pgxpool.Conn
}

func (r *rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *rows) Close() {
	r.Rows.Close()
	if r.conn != nil {
		r.conn.Release()
		r.conn = nil
	}
}

type row struct {
	rows pgx.Rows
	err  error
}

func (r row) Scan(to ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(to...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// noRows is what comes of a query that was never sent.
type noRows struct {
	pgx.Rows
	err error
}

func (noRows) Close()                        {}
func (n noRows) Err() error                  { return n.err }
func (noRows) Next() bool                    { return false }
func (n noRows) Scan(...any) error           { return n.err }
func (noRows) CommandTag() pgconn.CommandTag { return pgconn.CommandTag{} }

// noResults is what comes of a batch that was never sent.
type noResults struct {
	pgx.BatchResults
	err error
}

func (n noResults) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, n.err }
func (n noResults) Query() (pgx.Rows, error)         { return noRows{err: n.err}, n.err }
func (n noResults) QueryRow() pgx.Row                { return row{err: n.err} }
func (n noResults) Close() error                     { return n.err }
