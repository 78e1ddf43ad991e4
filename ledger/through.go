package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Through lists what was moved into an account of an agent or a bank and out of
// it since a time, the oldest first.
func Through(ctx context.Context, tx Tx, partner Account, since time.Time) ([]Transfer, error) {
	// The condition of the partial indexes is repeated, or they would not be used.
	const sql = `
		select customer_no, id, kind, pend_id, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at
		from ledger_transfer
		where ((debit like 'bank:%' or debit like 'agent:%') and debit = $1 or (credit like 'bank:%' or credit like 'agent:%') and credit = $1)
			and kind in ('single', 'post') and occurred_at >= $2
		order by occurred_at, id`
	rows, err := tx.Query(ctx, sql, partner.String(), since)
	if err != nil {
		return nil, fmt.Errorf("transfers: %w", err)
	}
	return pgx.CollectRows(rows, scanTransfer)
}

// WithPartners sums what is with agents and banks, in fen; one without transfers
// is not in the answer.
func WithPartners(ctx context.Context, tx Tx, partners ...Account) (map[Account]int64, error) {
	const sql = `
		select account, sum(n)::bigint from (
			select debit as account, amount as n from ledger_transfer
			where debit = any($1) and (debit like 'bank:%' or debit like 'agent:%') and commodity = 'CNY' and kind in ('single', 'post')
			union all
			select credit, -amount from ledger_transfer
			where credit = any($1) and (credit like 'bank:%' or credit like 'agent:%') and commodity = 'CNY' and kind in ('single', 'post')
		) side group by account`
	return sums(ctx, tx, sql, names(partners))
}
