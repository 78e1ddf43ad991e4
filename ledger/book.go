package ledger

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Migrations are the goose migrations of the ledger's own tables.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// GrantSQL gives the role vendgate_service, made after the migrations, the rights to the
// ledger's tables that they give it where it is there: to add to the books, and to move
// balances, no more.
const GrantSQL = `
grant select, insert on ledger_transfer, ledger_record, ledger_seal, ledger_leaf to vendgate_service;
grant select, insert, update on ledger_balance, ledger_period to vendgate_service`

// Tx is the caller's transaction, or a connection where one statement is enough.
type Tx interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// Draft is a link in the making: transfers are written as they come, the record
// when it is closed. The caller holds the book.
type Draft struct {
	head      Head
	recorded  time.Time
	period    int
	transfers []Transfer
}

// Begin begins the link after head. recorded is the database's clock, period the
// month that it lies in.
func Begin(head Head, recorded time.Time, period int) *Draft {
	return &Draft{head: head, recorded: instant(recorded), period: period}
}

// Apply writes transfers into the draft's book, in one round trip; on any error
// the caller rolls back. It fails as Append does.
func (d *Draft) Apply(ctx context.Context, tx Tx, transfers ...Transfer) error {
	now := make([]placed, len(transfers))
	for i, t := range transfers {
		if t.Customer != d.head.Book {
			return fmt.Errorf("ledger: a transfer of book %d does not belong into book %d", t.Customer, d.head.Book)
		}
		if t.Period == 0 {
			t.Period = d.period
		}
		t.At, t.Recorded = instant(t.At), d.recorded
		now[i] = placed{t, d.head.Seq + 1}
		d.transfers = append(d.transfers, t)
	}
	b := &pgx.Batch{}
	if err := queueTransfers(b, true, now); err != nil {
		return err
	}
	if b.Len() == 0 {
		return nil
	}
	return Refusal(tx.SendBatch(ctx, b).Close())
}

// Moved says whether the draft has transfers.
func (d *Draft) Moved() bool { return len(d.transfers) > 0 }

// Overtaken says whether the book has got another head since the draft began.
func (d *Draft) Overtaken(ctx context.Context, tx Tx) (bool, error) {
	now, err := HeadOf(ctx, tx, d.head.Book)
	return now.Seq != d.head.Seq, err
}

// Close writes the record, and with it the link.
func (d *Draft) Close(ctx context.Context, tx Tx, r Record) error {
	r.Recorded = d.recorded
	b := &pgx.Batch{}
	queueRecords(b, []Link{d.head.Next(r, d.period, d.transfers...)})
	return Refusal(tx.SendBatch(ctx, b).Close())
}

// HeadOf is the last link of a book.
func HeadOf(ctx context.Context, tx Tx, book int64) (Head, error) {
	h := Head{Book: book}
	var hash []byte
	err := tx.QueryRow(ctx, `select seq, hash from ledger_record where customer_no = $1 order by seq desc limit 1`, book).Scan(&h.Seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, nil
	}
	copy(h.Hash[:], hash)
	return h, err
}

// HeadsOf are the last links of books, in the same order.
func HeadsOf(ctx context.Context, tx Tx, books []int64) ([]Head, error) {
	const sql = `
		select b.no, coalesce(r.seq, 0), coalesce(r.hash, '')
		from unnest($1::bigint[]) with ordinality b (no, place)
		left join lateral (
			select seq, hash from ledger_record where customer_no = b.no order by seq desc limit 1
		) r on true order by b.place`
	rows, err := tx.Query(ctx, sql, books)
	if err != nil {
		return nil, fmt.Errorf("heads: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Head, error) {
		var h Head
		var hash []byte
		err := row.Scan(&h.Book, &h.Seq, &hash)
		copy(h.Hash[:], hash)
		return h, err
	})
}

// Done finds the deed with an id in a book: its kind and what was asked for. ok is
// false where it was not done.
func Done(ctx context.Context, tx Tx, book int64, id uuid.UUID) (kind string, request Hash, ok bool, err error) {
	var sum []byte
	err = tx.QueryRow(ctx, `select kind, request from ledger_record where customer_no = $1 and id = $2`, book, id).Scan(&kind, &sum)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", Hash{}, false, nil
	}
	copy(request[:], sum)
	return kind, request, err == nil, err
}

// ClosePeriod closes a month and all before it: nothing is posted there any more.
func ClosePeriod(ctx context.Context, tx Tx, period int) error {
	var closed int
	err := tx.QueryRow(ctx, `update ledger_period set closed = greatest(closed, $1) returning closed`, period).Scan(&closed)
	if err != nil {
		return fmt.Errorf("close period %d: %w", period, err)
	}
	return nil
}

// refusals maps the schema's named constraints to what they mean.
var refusals = map[string]error{
	"record_pkey":               ErrStale,
	"record_id_once":            ErrDone,
	"record_recorded_now":       ErrClock,
	"record_never_changed":      ErrImmutable,
	"transfer_pkey":             ErrExists,
	"transfer_settled_once":     ErrSettled,
	"transfer_pend_known":       ErrNoPend,
	"transfer_settles_a_pend":   ErrNoPend,
	"transfer_amount_positive":  ErrAmount,
	"transfer_two_accounts":     ErrAmount,
	"transfer_never_changed":    ErrImmutable,
	"transfer_period_open":      ErrClosed,
	"balance_not_overdrawn":     ErrOverdrawn,
	"balance_not_overpaid":      ErrOverpaid,
	"balance_pending_positive":  ErrSettled,
	"balance_missing":           errNoRow,
	"transfer_commodity_known":  ErrCommodity,
	"transfer_accounts_charted": ErrAmount,
}

// Refusal gives what the database said about a batch of Queue its meaning.
func Refusal(err error) error {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return err
	}
	if sentinel, ok := refusals[pg.ConstraintName]; ok {
		return fmt.Errorf("ledger: %w (%s)", sentinel, pg.ConstraintName)
	}
	const numericValueOutOfRange, insufficientPrivilege = "22003", "42501"
	switch pg.Code {
	case numericValueOutOfRange:
		return fmt.Errorf("ledger: %w", ErrOverflow)
	case insufficientPrivilege:
		return fmt.Errorf("ledger: %w (%s)", ErrImmutable, pg.Message)
	}
	return fmt.Errorf("ledger: %w", err)
}
