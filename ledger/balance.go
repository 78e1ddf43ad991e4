package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Balance is the state of one account in one commodity. Posted is credits less
// debits; Incoming and Outgoing are pended and not settled.
type Balance struct {
	Customer  int64 // 0 where the account belongs to no customer
	Account   Account
	Commodity Commodity
	Posted    int64
	Incoming  int64
	Outgoing  int64
}

// Free is what may still be taken out.
func (b Balance) Free() Amount { return Amount{b.Posted - b.Outgoing, b.Commodity} }

// BalanceOf is the balance of one account that the customer owns; zero where
// nothing was ever moved.
func BalanceOf(ctx context.Context, tx Tx, customer int64, a Account, c Commodity) (Balance, error) {
	const sql = `
		select credits_posted - debits_posted, credits_pending, debits_pending from ledger_balance
		where customer_no = $1 and account = $2 and commodity = $3`
	b := Balance{Customer: customer, Account: a, Commodity: c}
	err := tx.QueryRow(ctx, sql, customer, a.String(), c).Scan(&b.Posted, &b.Incoming, &b.Outgoing)
	if err == pgx.ErrNoRows {
		return b, nil
	}
	if err != nil {
		return b, fmt.Errorf("balance of %s: %w", a, err)
	}
	return b, nil
}

// CustomerBalances lists the accounts of one customer.
func CustomerBalances(ctx context.Context, tx Tx, customer int64) ([]Balance, error) {
	const sql = `
		select customer_no, account, commodity, credits_posted - debits_posted, credits_pending, debits_pending
		from ledger_balance where customer_no = $1 order by account, commodity`
	return collect(ctx, tx, sql, customer)
}

// Trial lists the balance of every class of accounts (Account.Of is "all") and
// of each account that no customer owns, summed over the transfers. In each
// commodity the class rows sum to zero.
func Trial(ctx context.Context, tx Tx) ([]Balance, error) {
	const sql = `
		with moved as (
			select split_part(account, ':', 1) || ':all' as account, commodity,
				sum(posted) as posted, sum(incoming) as incoming, sum(outgoing) as outgoing
			from (` + sidesSQL + `) side group by 1, 2
		)
		select 0::bigint, account, commodity, posted::bigint, incoming::bigint, outgoing::bigint
		from moved order by commodity, account`
	return collect(ctx, tx, sql)
}

// sidesSQL turns every transfer into two rows, one a side, with what it does
// to the posted balance and to what is pended.
const sidesSQL = `
	select customer_no, debit as account, commodity,
		case when kind in ('single', 'post') then -amount else 0 end as posted,
		0 as incoming,
		case kind when 'pend' then amount when 'single' then 0 else -amount end as outgoing
	from ledger_transfer
	union all
	select customer_no, credit, commodity,
		case when kind in ('single', 'post') then amount else 0 end,
		case kind when 'pend' then amount when 'single' then 0 else -amount end,
		0
	from ledger_transfer`

func collect(ctx context.Context, tx Tx, sql string, args ...any) ([]Balance, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("balances: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Balance, error) {
		var b Balance
		var name string
		if err := row.Scan(&b.Customer, &name, &b.Commodity, &b.Posted, &b.Incoming, &b.Outgoing); err != nil {
			return b, err
		}
		var err error
		b.Account, err = ParseAccount(name)
		return b, err
	})
}
