package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// PrintedSlip is what a print of a slip shows.
type PrintedSlip struct {
	Purchase vending.Purchase
	Customer vending.Customer
	Advance  int64 // fen that the customer has with us now
	Reprint  int   // 0 for the first print
}

// Print counts a print of a slip or an invoice; all after the first are reprints,
// numbered by again.
func (t *Tx) Print(ctx context.Context, deed, cause uuid.UUID, again func() (int, error)) error {
	var before int
	if err := t.tx.QueryRow(ctx, `select count(*) from slip_print where customer_no = $1 and cause = $2`, t.Customer.No, cause).Scan(&before); err != nil {
		return err
	}
	reprint := 0
	if before > 0 {
		var err error
		if reprint, err = again(); err != nil {
			return err
		}
	}
	t.Changed("printed", cause)
	_, err := t.tx.Exec(ctx, `insert into slip_print (customer_no, id, cause, reprint) values ($1, $2, $3, $4)`, t.Customer.No, deed, cause, reprint)
	return err
}

// Printed says what a deed printed, and which reprint it was; vending.ErrNoPurchase
// where it printed nothing.
func (s *Store) Printed(ctx context.Context, customer int64, deed uuid.UUID) (cause uuid.UUID, reprint int, err error) {
	err = s.pool.QueryRow(ctx, `select cause, reprint from slip_print where customer_no = $1 and id = $2`, customer, deed).Scan(&cause, &reprint)
	if errors.Is(err, pgx.ErrNoRows) {
		return cause, 0, vending.ErrNoPurchase
	}
	return cause, reprint, refusal(err)
}

// PrintedSlip reads back what a print shows, or fails with vending.ErrNoPurchase
// where the deed printed no slip.
func (s *Store) PrintedSlip(ctx context.Context, customer int64, deed uuid.UUID) (PrintedSlip, error) {
	var out PrintedSlip
	cause, reprint, err := s.Printed(ctx, customer, deed)
	if err != nil {
		return out, err
	}
	out.Reprint = reprint
	if out.Purchase, err = s.Purchase(ctx, cause); err != nil {
		return out, err
	}
	if out.Customer, err = customerRow(ctx, s.pool, customer, ""); err != nil {
		return out, err
	}
	free, err := ledger.BalanceOf(ctx, s.pool, customer, ledger.Advance(customer), ledger.CNY)
	out.Advance = free.Free().N
	return out, refusal(err)
}
