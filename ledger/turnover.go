package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Turnover is what some periods did to an account: a line of the trial balance.
// Balances are credits less debits.
type Turnover struct {
	Account   Account // Of is "all" where the accounts of a class are many: those that customers own, and tills
	Commodity Commodity
	Before    int64 // the balance when the first period began
	Debits    int64
	Credits   int64
}

// After is the balance at the end of the last period.
func (t Turnover) After() int64 { return t.Before + t.Credits - t.Debits }

// summed are the classes of many accounts.
var summed = append(classes(func(n nature) bool { return n.owned }), string(ClassTill))

// Turnovers is the trial balance of the periods from first to last, by account. In
// each commodity the balances sum to zero, and debits are as high as credits.
func Turnovers(ctx context.Context, tx Tx, first, last int) ([]Turnover, error) {
	const sql = `
		with side as (
			select debit as account, commodity, period, amount as debit, 0::bigint as credit from ledger_transfer
			where kind in ('single', 'post') and period <= $2
			union all
			select credit, commodity, period, 0, amount from ledger_transfer where kind in ('single', 'post') and period <= $2
		)
		select case when split_part(account, ':', 1) = any($3::text[]) then split_part(account, ':', 1) || ':all' else account end as of,
			commodity, coalesce(sum(credit - debit) filter (where period < $1), 0)::bigint,
			coalesce(sum(debit) filter (where period >= $1), 0)::bigint, coalesce(sum(credit) filter (where period >= $1), 0)::bigint
		from side group by of, commodity order by commodity, of`
	rows, err := tx.Query(ctx, sql, first, last, summed)
	if err != nil {
		return nil, fmt.Errorf("turnovers: %w", Refusal(err))
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Turnover, error) {
		var t Turnover
		var name string
		if err := row.Scan(&name, &t.Commodity, &t.Before, &t.Debits, &t.Credits); err != nil {
			return t, err
		}
		var err error
		t.Account, err = ParseAccount(name)
		return t, err
	})
	if err != nil {
		return nil, fmt.Errorf("turnovers: %w", Refusal(err))
	}
	return list, nil
}

// Source is what deeds of one kind earned on one account of revenue or VAT, credits
// less debits.
type Source struct {
	Kind    string // of the deed
	Account Account
	Fen     int64
}

// Sources says where the revenue and the VAT of a period come from.
func Sources(ctx context.Context, tx Tx, period int) ([]Source, error) {
	const sql = `
		with side as (
			select customer_no, seq, debit as account, -amount as fen from ledger_transfer
			where period = $1 and kind in ('single', 'post') and split_part(debit, ':', 1) in ('revenue', 'vat')
			union all
			select customer_no, seq, credit, amount from ledger_transfer
			where period = $1 and kind in ('single', 'post') and split_part(credit, ':', 1) in ('revenue', 'vat')
		)
		select r.kind, account, sum(fen)::bigint from side join ledger_record r using (customer_no, seq) group by 1, 2 order by 1, 2`
	rows, err := tx.Query(ctx, sql, period)
	if err != nil {
		return nil, fmt.Errorf("sources: %w", Refusal(err))
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Source, error) {
		var s Source
		var name string
		if err := row.Scan(&s.Kind, &name, &s.Fen); err != nil {
			return s, err
		}
		var err error
		s.Account, err = ParseAccount(name)
		return s, err
	})
}
