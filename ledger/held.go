package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Accounts that no customer owns have no row of balances: what they hold is summed
// over their transfers when somebody asks. Of money that is debits less credits.

// InTills sums what tills hold, in fen; a till without transfers is not in the
// answer.
func InTills(ctx context.Context, tx Tx, tills ...Account) (map[Account]int64, error) {
	// The condition of the partial indexes is repeated, or they would not be used.
	const sql = `
		select account, sum(n)::bigint from (
			select debit as account, amount as n from ledger_transfer
			where debit = any($1) and debit like 'till:%' and commodity = 'CNY' and kind in ('single', 'post')
			union all
			select credit, -amount from ledger_transfer
			where credit = any($1) and credit like 'till:%' and commodity = 'CNY' and kind in ('single', 'post')
		) side group by account`
	return sums(ctx, tx, sql, names(tills))
}

// InBook sums what accounts hold by the transfers of one book, in fen.
func InBook(ctx context.Context, tx Tx, book int64, accounts ...Account) (map[Account]int64, error) {
	const sql = `
		select account, sum(n)::bigint from (
			select debit as account, amount as n from ledger_transfer
			where customer_no = $2 and debit = any($1) and commodity = 'CNY' and kind in ('single', 'post')
			union all
			select credit, -amount from ledger_transfer
			where customer_no = $2 and credit = any($1) and commodity = 'CNY' and kind in ('single', 'post')
		) side group by account`
	return sums(ctx, tx, sql, names(accounts), book)
}

// Flow is what one customer's money did at a till.
type Flow struct {
	Till     Account
	Customer int64
	Count    int64 // transfers
	In       int64 // fen
	Out      int64 // fen
}

// TillFlows sums the transfers between tills and customers' books, by till and
// customer. The company's own book, with floats and deposits, is left out.
func TillFlows(ctx context.Context, tx Tx, tills ...Account) ([]Flow, error) {
	const sql = `
		select account, customer_no, count(*), sum(came)::bigint, sum(went)::bigint from (
			select debit as account, customer_no, amount as came, 0 as went from ledger_transfer
			where debit = any($1) and debit like 'till:%' and customer_no <> 0 and commodity = 'CNY' and kind in ('single', 'post')
			union all
			select credit, customer_no, 0, amount from ledger_transfer
			where credit = any($1) and credit like 'till:%' and customer_no <> 0 and commodity = 'CNY' and kind in ('single', 'post')
		) side group by account, customer_no order by account, customer_no`
	rows, err := tx.Query(ctx, sql, names(tills))
	if err != nil {
		return nil, fmt.Errorf("flows of tills: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (f Flow, err error) {
		var name string
		if err = row.Scan(&name, &f.Customer, &f.Count, &f.In, &f.Out); err == nil {
			f.Till, err = ParseAccount(name)
		}
		return f, err
	})
}

func names(accounts []Account) []string {
	out := make([]string, len(accounts))
	for i, a := range accounts {
		out[i] = a.String()
	}
	return out
}

func sums(ctx context.Context, tx Tx, sql string, args ...any) (map[Account]int64, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("what accounts hold: %w", err)
	}
	held := map[Account]int64{}
	var name string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		a, err := ParseAccount(name)
		held[a] = n
		return err
	})
	return held, err
}
