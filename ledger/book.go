package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Migrations are the goose migrations of the ledger's own tables.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Tx is the caller's transaction, or a connection where one statement is enough.
type Tx interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// writeSQL writes one transfer and sees to it that the accounts which customers
// own have a row of balances. For post and void the pended transfer supplies
// accounts and amount; where it does not exist the row fails transfer_pend_known.
//
// The row of balances is made empty and then moved by moveSQL: an upsert would
// be held against balance_not_overdrawn as if it were the first row.
const writeSQL = `
with pended as (
	select debit, credit, commodity, amount from ledger_transfer
	where customer_no = $1 and id = $4 and kind = 'pend'
), written as (
	insert into ledger_transfer
		(customer_no, id, kind, pend_id, debit, credit, commodity, amount, cause, occurred_at)
	select $1::bigint, $2::uuid, $3::text, $4::uuid, coalesce(p.debit, $5), coalesce(p.credit, $6),
		coalesce(p.commodity, $7), coalesce(p.amount, $8::bigint), $9::uuid, $10::timestamptz
	from (values (1)) one left join pended p on true
	returning debit, credit, commodity
)
insert into ledger_balance
	(customer_no, account, commodity, bounded, debits_posted, credits_posted, debits_pending, credits_pending)
select $1, account, commodity, split_part(account, ':', 1) = any($12::text[]), 0, 0, 0, 0
from (select debit, commodity from written union all select credit, commodity from written) side (account, commodity)
where split_part(account, ':', 1) = any($11::text[])
order by account -- two transfers the opposite ways lock their rows in one order
on conflict do nothing`

// moveSQL moves the balances by one transfer.
const moveSQL = `
update ledger_balance b set
	debits_posted = debits_posted + case when account = debit then posted else 0 end,
	credits_posted = credits_posted + case when account = credit then posted else 0 end,
	debits_pending = debits_pending + case when account = debit then pending else 0 end,
	credits_pending = credits_pending + case when account = credit then pending else 0 end
from (
	select debit, credit, commodity,
		case when kind in ('single', 'post') then amount else 0 end as posted,
		case kind when 'pend' then amount when 'single' then 0 else -amount end as pending
	from ledger_transfer where customer_no = $1 and id = $2
) t
where b.customer_no = $1 and b.commodity = t.commodity and b.account in (t.debit, t.credit)`

var (
	ownedClasses   = classes(func(n nature) bool { return n.owned })
	boundedClasses = classes(func(n nature) bool { return n.bounded })
)

// Apply writes transfers in their order, all in one round trip, inside the
// caller's transaction; on any error the caller rolls back. It fails with
// ErrExists, ErrSettled, ErrNoPend, ErrOverdrawn, ErrAmount, ErrCommodity or
// ErrOverflow.
func Apply(ctx context.Context, tx Tx, transfers ...Transfer) error {
	if len(transfers) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, t := range transfers {
		debit, credit, err := sides(t)
		if err != nil {
			return err
		}
		batch.Queue(writeSQL, t.Customer, t.ID, t.Kind, nullable(t.Pend), debit, credit,
			t.Amount.Commodity, t.Amount.N, t.Cause, t.At, ownedClasses, boundedClasses)
		batch.Queue(moveSQL, t.Customer, t.ID)
	}
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("ledger: %w", refusal(err))
	}
	return nil
}

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

// sides names the two accounts; a post or void has none of its own. Only
// accounts of the chart get into the book, for what is there stays for ever.
func sides(t Transfer) (debit, credit string, err error) {
	if t.Kind == Post || t.Kind == Void {
		return "", "", nil
	}
	for _, a := range []Account{t.Debit, t.Credit} {
		if _, err := ParseAccount(a.String()); err != nil {
			return "", "", fmt.Errorf("ledger: %w: %w", ErrAmount, err)
		}
	}
	return t.Debit.String(), t.Credit.String(), nil
}

// refusals maps the schema's named constraints to what they mean.
var refusals = map[string]error{
	"transfer_pkey":             ErrExists,
	"transfer_settled_once":     ErrSettled,
	"transfer_pend_known":       ErrNoPend,
	"transfer_settles_a_pend":   ErrNoPend,
	"transfer_amount_positive":  ErrAmount,
	"transfer_two_accounts":     ErrAmount,
	"transfer_never_changed":    ErrImmutable,
	"balance_not_overdrawn":     ErrOverdrawn,
	"balance_pending_positive":  ErrSettled,
	"transfer_commodity_known":  ErrCommodity,
	"transfer_accounts_charted": ErrAmount,
}

func refusal(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	if sentinel, ok := refusals[pg.ConstraintName]; ok {
		return fmt.Errorf("%w (%s)", sentinel, pg.ConstraintName)
	}
	const numericValueOutOfRange = "22003"
	if pg.Code == numericValueOutOfRange {
		return ErrOverflow
	}
	return err
}
