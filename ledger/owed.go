package ledger

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// Owed is what each of some customers owes, in fen, payments that are pending
// taken off; who owes nothing is not in the answer.
func Owed(ctx context.Context, tx Tx, customers []int64) (map[int64]int64, error) {
	accounts := make([]string, len(customers))
	for i, no := range customers {
		accounts[i] = string(ClassDebt) + ":" + strconv.FormatInt(no, 10)
	}
	const sql = `
		select b.customer_no, b.debits_posted - b.credits_posted - b.credits_pending
		from unnest($1::bigint[], $2::text[]) as u(customer_no, account)
		join ledger_balance b on b.customer_no = u.customer_no and b.account = u.account and b.commodity = 'CNY'
		where b.debits_posted - b.credits_posted - b.credits_pending > 0`
	rows, err := tx.Query(ctx, sql, customers, accounts)
	if err != nil {
		return nil, fmt.Errorf("what customers owe: %w", err)
	}
	owed := map[int64]int64{}
	var no, fen int64
	_, err = pgx.ForEachRow(rows, []any{&no, &fen}, func() error {
		owed[no] = fen
		return nil
	})
	return owed, err
}
