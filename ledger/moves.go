package ledger

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Moves lists the transfers of some customers, by customer and cause, for
// those who check what they say.
func Moves(ctx context.Context, tx Tx, customers []int64) ([]Transfer, error) {
	const sql = `
		select customer_no, id, kind, pend_id, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at
		from ledger_transfer where customer_no = any($1) order by customer_no, cause, id`
	rows, err := tx.Query(ctx, sql, customers)
	if err != nil {
		return nil, fmt.Errorf("transfers: %w", err)
	}
	return pgx.CollectRows(rows, scanTransfer)
}

// Find reads transfers, those that there are, each by its book and its id.
func Find(ctx context.Context, tx Tx, books []int64, ids []uuid.UUID) ([]Transfer, error) {
	const sql = `
		select t.customer_no, t.id, kind, pend_id, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at
		from ledger_transfer t join unnest($1::bigint[], $2::uuid[]) as asked (customer_no, id) on t.customer_no = asked.customer_no and t.id = asked.id`
	rows, err := tx.Query(ctx, sql, books, ids)
	if err != nil {
		return nil, fmt.Errorf("transfers: %w", err)
	}
	return pgx.CollectRows(rows, scanTransfer)
}

func scanTransfer(row pgx.CollectableRow) (Transfer, error) {
	var t Transfer
	var pend *uuid.UUID
	var debit, credit string
	err := row.Scan(&t.Customer, &t.ID, &t.Kind, &pend, &debit, &credit, &t.Amount.Commodity, &t.Amount.N, &t.Cause, &t.Period, &t.At, &t.Recorded)
	if err != nil {
		return t, err
	}
	if pend != nil {
		t.Pend = *pend
	}
	if t.Debit, err = ParseAccount(debit); err != nil {
		return t, err
	}
	t.Credit, err = ParseAccount(credit)
	return t, err
}

// Customers lists the customers, in the order of their numbers and after one,
// that have transfers.
func Customers(ctx context.Context, tx Tx, after int64, limit int) ([]int64, error) {
	const sql = `select distinct customer_no from ledger_transfer where customer_no > $1 order by customer_no limit $2`
	rows, err := tx.Query(ctx, sql, after, limit)
	if err != nil {
		return nil, fmt.Errorf("customers: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[int64])
}

// Deeds tells the id and the kind of every deed in some books.
func Deeds(ctx context.Context, tx Tx, books []int64, each func(book int64, id uuid.UUID, kind string)) error {
	rows, err := tx.Query(ctx, `select customer_no, id, kind from ledger_record where customer_no = any($1)`, books)
	if err != nil {
		return fmt.Errorf("deeds: %w", err)
	}
	var book int64
	var id uuid.UUID
	var kind string
	_, err = pgx.ForEachRow(rows, []any{&book, &id, &kind}, func() error {
		each(book, id, kind)
		return nil
	})
	return err
}
