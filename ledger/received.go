package ledger

import (
	"context"
	"fmt"
	"time"
)

// Receipt is money or credit that got into an account.
type Receipt struct {
	Seq      int64 // the link of the book that it came with
	Amount   Amount
	Recorded time.Time
}

// Received lists what got into an account of a book after a link, in the order in
// which it did: what is pended counts when it is posted.
func Received(ctx context.Context, tx Tx, book int64, a Account, after int64) ([]Receipt, error) {
	const sql = `
		select seq, commodity, amount, recorded_at from ledger_transfer
		where customer_no = $1 and credit = $2 and kind in ('single', 'post') and seq > $3 order by seq, id`
	rows, err := tx.Query(ctx, sql, book, a.String(), after)
	if err != nil {
		return nil, fmt.Errorf("received by %s: %w", a, err)
	}
	defer rows.Close()
	var out []Receipt
	for rows.Next() {
		var r Receipt
		if err := rows.Scan(&r.Seq, &r.Amount.Commodity, &r.Amount.N, &r.Recorded); err != nil {
			return nil, fmt.Errorf("received by %s: %w", a, err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
