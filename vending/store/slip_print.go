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

// PrintSlip counts a print of a sale's slip; all after the first are reprints.
func (t *Tx) PrintSlip(ctx context.Context, deed, cause uuid.UUID) error {
	var before int
	if err := t.tx.QueryRow(ctx, `select count(*) from slip_print where customer_no = $1 and cause = $2`, t.Customer.No, cause).Scan(&before); err != nil {
		return err
	}
	reprint := 0
	if before > 0 {
		var err error
		if reprint, err = t.ReprintSlip(ctx, cause); err != nil {
			return err
		}
	}
	t.Changed("printed", cause)
	_, err := t.tx.Exec(ctx, `insert into slip_print (customer_no, id, cause, reprint) values ($1, $2, $3, $4)`, t.Customer.No, deed, cause, reprint)
	return err
}

// PrintedSlip reads back what a print shows, or fails with vending.ErrNoPurchase
// where the deed printed no slip.
func (s *Store) PrintedSlip(ctx context.Context, customer int64, deed uuid.UUID) (PrintedSlip, error) {
	var out PrintedSlip
	var cause uuid.UUID
	err := s.pool.QueryRow(ctx, `select cause, reprint from slip_print where customer_no = $1 and id = $2`, customer, deed).Scan(&cause, &out.Reprint)
	if errors.Is(err, pgx.ErrNoRows) {
		return out, vending.ErrNoPurchase
	}
	if err != nil {
		return out, refusal(err)
	}
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
