package ledger

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Export hands over every transfer of the periods from first to last, book by book
// and link by link, one at a time: the whole book needs no more memory than one.
func Export(ctx context.Context, tx Tx, first, last int, each func(seq int64, t Transfer) error) error {
	const sql = `
		select customer_no, seq, id, kind, pend_id, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at
		from ledger_transfer where period between $1 and $2 order by customer_no, seq, id`
	rows, err := tx.Query(ctx, sql, first, last)
	if err != nil {
		return fmt.Errorf("export: %w", Refusal(err))
	}
	var t Transfer
	var seq int64
	var pend *uuid.UUID
	var debit, credit string
	_, err = pgx.ForEachRow(rows, []any{&t.Customer, &seq, &t.ID, &t.Kind, &pend, &debit, &credit, &t.Amount.Commodity, &t.Amount.N, &t.Cause,
		&t.Period, &t.At, &t.Recorded}, func() (err error) {
		t.Pend = uuid.Nil
		if pend != nil {
			t.Pend = *pend
		}
		if t.Debit, err = ParseAccount(debit); err != nil {
			return err
		}
		if t.Credit, err = ParseAccount(credit); err != nil {
			return err
		}
		return each(seq, t)
	})
	return err
}
