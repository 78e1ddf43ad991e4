package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger/bulk"
)

// Every statement works on rows: one link is a batch of one, so there is one path for
// a sale, a group of sales and a month's close.

// recordSQL fails with record_pkey where somebody else was first in the book, and
// with record_id_once where the deed was done before.
const recordSQL = `
insert into ledger_record (customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash)
select customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at,
	case when recorded_at between ledger_now() - interval '5 minutes' and ledger_now() + interval '5 minutes' then recorded_at end, hash
from unnest($1::ledger_record_row[])`

// transferSQL writes transfers. A post or void that is not what was pended loses
// its accounts and fails transfer_pend_known; one into a closed period loses the
// period and fails transfer_period_open.
const transferSQL = `
insert into ledger_transfer
	(customer_no, seq, id, kind, pend_id, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at)
select t.customer_no, t.seq, t.id, t.kind, t.pend_id, %s, t.credit,
	t.commodity, t.amount, t.cause, case when t.period > (select closed from ledger_period) then t.period end,
	t.occurred_at, t.recorded_at
from unnest($1::ledger_transfer_row[]) t`

// pendedSQL and pendedDebit look up what is posted or voided; where nothing is, there
// is nothing to look up.
const pendedDebit = `case when t.pend_id is null or p.id is not null then t.debit else '' end`
const pendedSQL = `
left join ledger_transfer p on p.customer_no = t.customer_no and p.id = t.pend_id and p.kind = 'pend'
	and (p.debit, p.credit, p.commodity, p.amount) = (t.debit, t.credit, t.commodity, t.amount)`

// rowSQL makes the rows of balances that are not there yet, empty: an upsert
// would be held against balance_not_overdrawn as if it were the first row.
const rowSQL = `
insert into ledger_balance
	(customer_no, account, commodity, bounded, owing, debits_posted, credits_posted, debits_pending, credits_pending)
select customer_no, account, commodity, split_part(account, ':', 1) = any($4::text[]), split_part(account, ':', 1) = any($5::text[]), 0, 0, 0, 0
from unnest($1::bigint[], $2::text[], $3::text[]) a (customer_no, account, commodity)
order by customer_no, account, commodity -- in one order, so that two who make rows do not wait for each other
on conflict do nothing`

// moveSQL moves balances. Whoever appends to a book holds it, by the record's key
// or the customer's row, so that the order of rows does not matter.
const moveSQL = `
with moved as (
	update ledger_balance b set
		debits_posted = b.debits_posted + m.debits_posted, credits_posted = b.credits_posted + m.credits_posted,
		debits_pending = b.debits_pending + m.debits_pending, credits_pending = b.credits_pending + m.credits_pending
	from unnest($1::ledger_move_row[]) m
	where b.customer_no = m.customer_no and b.account = m.account and b.commodity = m.commodity
	returning 1
)
select ledger_all_moved(count(*), $2) from moved`

var (
	ownedClasses   = classes(func(n nature) bool { return n.owned })
	boundedClasses = classes(func(n nature) bool { return n.bounded })
	owingClasses   = classes(func(n nature) bool { return n.owing })
)

// Queue adds to a batch what writes links, each after the head of its book. The
// batch fails with ErrStale where a book has another head by now. Rows of balances
// must be there already unless rows is true.
func Queue(b *pgx.Batch, rows bool, links ...Link) error {
	queueRecords(b, links)
	var transfers []placed
	for _, l := range links {
		for _, t := range l.Transfers {
			transfers = append(transfers, placed{t, l.Seq})
		}
	}
	return queueTransfers(b, rows, transfers)
}

// Owned lists the balances that transfers move and that have a row.
func Owned(transfers []Transfer) []Balance {
	var out []Balance
	for _, t := range transfers {
		for _, a := range []Account{t.Debit, t.Credit} {
			if chart[a.Class].owned {
				out = append(out, Balance{Customer: t.Customer, Account: a, Commodity: t.Amount.Commodity})
			}
		}
	}
	return out
}

// Append writes links in the caller's transaction; on any error the caller rolls
// back. It fails with ErrStale, ErrDone, ErrExists, ErrSettled, ErrNoPend,
// ErrOverdrawn, ErrOverpaid, ErrAmount, ErrCommodity, ErrOverflow, ErrClosed or
// ErrClock.
func Append(ctx context.Context, tx Tx, links ...Link) error {
	b := &pgx.Batch{}
	if err := Queue(b, true, links...); err != nil {
		return err
	}
	return Refusal(tx.SendBatch(ctx, b).Close())
}

func queueRecords(b *pgx.Batch, links []Link) {
	if len(links) == 0 {
		return
	}
	b.Queue(recordSQL, bulk.Of(links, func(r *bulk.Row, l Link) {
		r.Bigint(l.Book)
		r.Bigint(l.Seq)
		r.UUID(l.ID)
		r.Text(l.Kind)
		r.Text(l.Who)
		r.Text(l.From)
		r.Text(l.Approved)
		r.Text(l.Why)
		r.Bytes(l.Request[:])
		r.Text(l.Detail)
		r.Time(l.At)
		r.Time(l.Recorded)
		r.Bytes(l.Hash[:])
	}))
}

// placed is a transfer at its place in the chain.
type placed struct {
	Transfer
	seq int64
}

func queueTransfers(b *pgx.Batch, create bool, transfers []placed) error {
	if len(transfers) == 0 {
		return nil
	}
	for _, t := range transfers {
		if err := charted(t.Transfer); err != nil {
			return err
		}
	}
	rows := bulk.Of(transfers, func(r *bulk.Row, t placed) {
		r.Bigint(t.Customer)
		r.Bigint(t.seq)
		r.UUID(t.ID)
		r.Text(string(t.Kind))
		r.UUIDOrNull(t.Pend)
		r.Text(t.Debit.String())
		r.Text(t.Credit.String())
		r.Text(string(t.Amount.Commodity))
		r.Bigint(t.Amount.N)
		r.UUID(t.Cause)
		r.Integer(int32(t.Period))
		r.Time(t.At)
		r.Time(t.Recorded)
	})
	if slices.ContainsFunc(transfers, func(t placed) bool { return t.Pend != uuid.Nil }) {
		b.Queue(fmt.Sprintf(transferSQL, pendedDebit)+pendedSQL, rows)
	} else {
		b.Queue(fmt.Sprintf(transferSQL, "t.debit"), rows)
	}
	moves, err := net(transfers)
	if err != nil || len(moves) == 0 {
		return err
	}
	if create {
		b.Queue(rowSQL, column(moves, func(m move) int64 { return m.of.book }), column(moves, func(m move) string { return m.of.account }),
			column(moves, func(m move) string { return string(m.of.commodity) }), boundedClasses, owingClasses)
	}
	queueMoves(b, moves)
	return nil
}

func queueMoves(b *pgx.Batch, moves []move) {
	b.Queue(moveSQL, bulk.Of(moves, func(r *bulk.Row, m move) {
		r.Bigint(m.of.book)
		r.Text(m.of.account)
		r.Text(string(m.of.commodity))
		r.Bigint(m.debits)
		r.Bigint(m.credits)
		r.Bigint(m.debitsPending)
		r.Bigint(m.creditsPending)
	}), len(moves))
}

// charted lets only accounts of the chart into the book, for what is there stays
// for ever.
func charted(t Transfer) error {
	for _, a := range []Account{t.Debit, t.Credit} {
		if _, known := chart[a.Class]; !known || a.Of == "" || strings.ContainsRune(a.Of, 0) {
			return fmt.Errorf("ledger: %w: %q is not an account", ErrAmount, a)
		}
	}
	if (t.Kind == Post || t.Kind == Void) != (t.Pend != uuid.Nil) {
		return fmt.Errorf("ledger: %w", ErrNoPend)
	}
	return nil
}

func column[S, T any](rows []S, of func(S) T) []T {
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = of(row)
	}
	return out
}

// owner is the key of a row of balances.
type owner struct {
	book      int64
	account   string
	commodity Commodity
}

// move is what some transfers do to one row of balances.
type move struct {
	of                                             owner
	debits, credits, debitsPending, creditsPending int64
}

// net adds up what transfers do to each account that a book owns, in one order.
func net(transfers []placed) ([]move, error) {
	at := map[owner]int{}
	var moves []move
	for _, t := range transfers {
		posted, pending, err := effect(t.Transfer)
		if err != nil {
			return nil, err
		}
		for _, side := range []struct {
			account Account
			posted  func(*move) *int64
			pending func(*move) *int64
		}{
			{t.Debit, func(m *move) *int64 { return &m.debits }, func(m *move) *int64 { return &m.debitsPending }},
			{t.Credit, func(m *move) *int64 { return &m.credits }, func(m *move) *int64 { return &m.creditsPending }},
		} {
			if !chart[side.account.Class].owned {
				continue
			}
			key := owner{t.Customer, side.account.String(), t.Amount.Commodity}
			if _, ok := at[key]; !ok {
				at[key] = len(moves)
				moves = append(moves, move{of: key})
			}
			m := &moves[at[key]]
			if err := add(side.posted(m), posted); err != nil {
				return nil, err
			}
			if err := add(side.pending(m), pending); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(moves, func(x, y move) int {
		if x.of.book != y.of.book {
			return int(min(1, max(-1, x.of.book-y.of.book)))
		}
		return strings.Compare(x.of.account+" "+string(x.of.commodity), y.of.account+" "+string(y.of.commodity))
	})
	return moves, nil
}

// effect is what a transfer adds to both sides.
func effect(t Transfer) (posted, pending int64, err error) {
	if t.Amount.N <= 0 {
		return 0, 0, fmt.Errorf("ledger: %s: %w", t.Amount, ErrAmount)
	}
	switch t.Kind {
	case Single:
		return t.Amount.N, 0, nil
	case Pend:
		return 0, t.Amount.N, nil
	case Post:
		return t.Amount.N, -t.Amount.N, nil
	default:
		return 0, -t.Amount.N, nil
	}
}

func add(to *int64, n int64) error {
	sum, err := Amount{*to, CNY}.Add(Amount{n, CNY})
	if err != nil {
		return fmt.Errorf("ledger: %w", ErrOverflow)
	}
	*to = sum.N
	return nil
}
