package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// fetched is how many rows a cursor holds at a time.
const fetched = 2000

// cursor reads the rows of a query one after the other, a few held at a time, so
// that two queries can be walked side by side in one transaction.
type cursor[T any] struct {
	tx    Tx
	fetch string
	scan  pgx.RowToFunc[T]
	rows  []T
	ended bool
}

// walk opens a cursor; it closes with the transaction, or when the next of its name
// is opened.
func walk[T any](ctx context.Context, tx Tx, name, sql string, scan pgx.RowToFunc[T], args ...any) (*cursor[T], error) {
	b := &pgx.Batch{}
	b.Queue(`set local cursor_tuple_fraction = 1`) // all rows are read: plan for that
	b.Queue(`declare `+name+` no scroll cursor for `+sql, args...)
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return nil, fmt.Errorf("walk %s: %w", name, err)
	}
	return &cursor[T]{tx: tx, fetch: fmt.Sprintf(`fetch %d from %s`, fetched, name), scan: scan}, nil
}

// next takes the next row; nil at the end.
func (c *cursor[T]) next(ctx context.Context) (*T, error) {
	row, err := c.peek(ctx)
	if row != nil {
		c.rows = c.rows[1:]
	}
	return row, err
}

// peek is the next row, which stays; nil at the end.
func (c *cursor[T]) peek(ctx context.Context) (*T, error) {
	if len(c.rows) == 0 && !c.ended {
		rows, err := c.tx.Query(ctx, c.fetch)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.fetch, err)
		}
		if c.rows, err = pgx.CollectRows(rows, c.scan); err != nil {
			return nil, fmt.Errorf("%s: %w", c.fetch, err)
		}
		c.ended = len(c.rows) < fetched
	}
	if len(c.rows) == 0 {
		return nil, nil
	}
	return &c.rows[0], nil
}

// close lets go of the cursor before the transaction ends.
func (c *cursor[T]) close(ctx context.Context, name string) error {
	b := &pgx.Batch{}
	b.Queue(`close ` + name)
	return c.tx.SendBatch(ctx, b).Close()
}
