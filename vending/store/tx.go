package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// Tx is one transaction on the books of one customer. No other transaction on
// the same customer runs at the same time.
type Tx struct {
	tx       pgx.Tx
	Customer vending.Customer
}

// ForCustomer runs do in one transaction that holds the customer's row, and
// commits if it returns nil. It fails with vending.ErrNoCustomer,
// vending.ErrDatabase, or vending.ErrCommitInDoubt when the answer to the commit
// was lost: then what do wrote may be there or not, and must be read back.
func (s *Store) ForCustomer(ctx context.Context, no int64, do func(*Tx) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return down(err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	c, err := customerRow(ctx, tx, no, "for update")
	if err != nil {
		return err
	}
	if err := do(&Tx{tx, c}); err != nil {
		return refusal(err)
	}
	return s.commit(ctx, tx)
}

// commit never cancels a commit on its way: a row that was visible could vanish
// at a failover (reference/postgres-ha.md 1, 2).
//
// pgconn.SafeToRetry is not asked: pgx 5.12 gives "conn closed", safe to retry,
// for a commit that was sent and whose answer was lost.
func (s *Store) commit(ctx context.Context, tx pgx.Tx) error {
	if tx.Conn().IsClosed() {
		return down(pgconn.ErrConnClosed) // the server was never asked
	}
	before := s.unsynced.Load()
	err := tx.Commit(context.WithoutCancel(ctx))
	var answered *pgconn.PgError
	switch {
	case err == nil && s.unsynced.Load() == before:
		return nil
	case errors.As(err, &answered) && answered.SeverityUnlocalized == "ERROR":
		return refusal(err)
	case errors.Is(err, pgx.ErrTxCommitRollback):
		return down(err)
	case err == nil:
		return vending.ErrCommitInDoubt.With("Reason", "the standby did not confirm")
	default:
		return fmt.Errorf("%w: %w", vending.ErrCommitInDoubt.With("Reason", "the answer was lost"), err)
	}
}

// Apply posts transfers in the books of this customer.
func (t *Tx) Apply(ctx context.Context, transfers ...ledger.Transfer) error {
	return ledger.Apply(ctx, t.tx, transfers...)
}

// Balance of one of the customer's accounts.
func (t *Tx) Balance(ctx context.Context, a ledger.Account, c ledger.Commodity) (ledger.Balance, error) {
	return ledger.BalanceOf(ctx, t.tx, t.Customer.No, a, c)
}
