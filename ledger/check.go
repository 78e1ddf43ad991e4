package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Violation is one broken invariant. There must never be one.
type Violation struct {
	Invariant string // which rule
	Detail    string // where, and by how much
}

func (v Violation) String() string { return v.Invariant + ": " + v.Detail }

// The invariants, as an operator sees them.
const (
	replays = "every balance is the sum of its transfers"
	holds   = "nothing is taken from an account that it does not hold"
	owed    = "nothing is paid that is not owed"
)

// inBooks stands where a query asks of some books only.
const inBooks = "/* in books */ true"

// zeroSums is about all books together. It follows from the others where they hold of
// each book: a transfer adds to one account what it takes from another.
const zeroSums = "all balances of a commodity sum to zero"

// invariants are queries that return one text per violation; those of the first name
// the invariant themselves, so that the book is replayed once for three.
var invariants = []struct{ name, sql string }{
	{"", `
		with replay as materialized (
			select customer_no, account, commodity, split_part(account, ':', 1) as class,
				sum(greatest(-posted, 0)) as debits, sum(greatest(posted, 0)) as credits, sum(incoming) as incoming, sum(outgoing) as outgoing
			from (` + sidesSQL + `) side
			where split_part(account, ':', 1) = any($1::text[]) and ` + inBooks + `
			group by 1, 2, 3, 4
		), kept as ( -- sums, so that a row that is there twice, or beyond 64 bits, is seen
			select customer_no, account, commodity, sum(debits_posted) as debits, sum(credits_posted) as credits,
				sum(credits_pending) as incoming, sum(debits_pending) as outgoing
			from ledger_balance where ` + inBooks + ` group by 1, 2, 3
		)
		select '` + replays + `', format('%s of customer %s: balance %s %s (in %s, out %s), transfers give %s (in %s, out %s)',
			account, customer_no, k.credits - k.debits, commodity, k.incoming, k.outgoing,
			r.credits - r.debits, r.incoming, r.outgoing)
		from kept k full join replay r using (customer_no, account, commodity)
		where (k.debits, k.credits, k.incoming, k.outgoing) is distinct from (r.debits, r.credits, r.incoming, r.outgoing)
		union all
		select '` + holds + `', format('%s of customer %s: %s %s', account, customer_no, credits - debits - outgoing, commodity)
		from replay where class = any($2::text[]) and credits - debits - outgoing < 0
		union all
		select '` + owed + `', format('%s of customer %s: %s %s', account, customer_no, credits - debits + incoming, commodity)
		from replay where class = any($3::text[]) and credits - debits + incoming > 0`},
	{"every transfer has its record", `
		select format('transfer %s of customer %s belongs to link %s, which is not there', t.id, t.customer_no, t.seq)
		from (select * from ledger_transfer where ` + inBooks + `) t
		left join ledger_record r on r.customer_no = t.customer_no and r.seq = t.seq where r.seq is null`},
	{"a settled transfer moves what was pended", `
		select format('transfer %s settles %s of customer %s with other accounts or another amount',
			s.id, s.pend_id, s.customer_no)
		from (select * from ledger_transfer where ` + inBooks + `) s
		left join ledger_transfer p on p.customer_no = s.customer_no and p.id = s.pend_id and p.kind = 'pend'
		where s.pend_id is not null
			and (s.debit, s.credit, s.commodity, s.amount) is distinct from (p.debit, p.credit, p.commodity, p.amount)`},
	{zeroSums, `
		select format('%s is off by %s', commodity, sum(posted))
		from (
			select commodity, credits_posted::numeric - debits_posted as posted from ledger_balance
			union all
			select commodity, posted from (` + sidesSQL + `) side
			where not split_part(account, ':', 1) = any($1::text[])
		) every_account group by commodity having sum(posted) <> 0`},
	{"every balance has the bounds of its class", `
		select format('%s of customer %s', account, customer_no) from ledger_balance
		where ` + inBooks + ` and (bounded, owing) is distinct from
			(split_part(account, ':', 1) = any($2::text[]), split_part(account, ':', 1) = any($3::text[]))`},
	{"what was written is locked", `
		select format('trigger %s on %s is not there, or is off', lock.name, lock.on_table)
		from (values ('ledger_transfer', 'transfer_never_changed'), ('ledger_record', 'record_never_changed'),
			('ledger_seal', 'seal_never_changed'), ('ledger_leaf', 'leaf_never_changed')) lock (on_table, name)
		where not exists (select from pg_trigger t where t.tgrelid = to_regclass(lock.on_table) and t.tgname = lock.name
			and t.tgenabled in ('O', 'A'))`},
}

// Check replays the whole book and returns what does not hold. It reads one
// snapshot where tx is a repeatable-read transaction.
func Check(ctx context.Context, tx Tx) ([]Violation, error) {
	// Every query takes all lists, so that all are called alike.
	const chart = "with chart as (select $1::text[], $2::text[], $3::text[]) "
	var found []Violation
	for _, inv := range invariants {
		broken, err := violations(ctx, tx, inv.name, chart, inv.sql)
		if err != nil {
			return nil, err
		}
		found = append(found, broken...)
	}
	return found, nil
}

// CheckSome is Check of some books: what each of them says by itself.
func CheckSome(ctx context.Context, tx Tx, books []int64) ([]Violation, error) {
	const chart = "with chart as (select $1::text[], $2::text[], $3::text[], $4::bigint[]) "
	var found []Violation
	for _, inv := range invariants {
		if inv.name == zeroSums {
			continue
		}
		broken, err := violations(ctx, tx, inv.name, chart, strings.ReplaceAll(inv.sql, inBooks, "customer_no = any($4)"), books)
		if err != nil {
			return nil, err
		}
		found = append(found, broken...)
	}
	return found, nil
}

func violations(ctx context.Context, tx Tx, name, chart, sql string, args ...any) ([]Violation, error) {
	sql = "found.* from (" + sql + ") found"
	if name != "" {
		sql = "'" + name + "', " + sql
	}
	rows, err := tx.Query(ctx, chart+"select "+sql, append([]any{ownedClasses, boundedClasses, owingClasses}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("check %q: %w", name, err)
	}
	broken, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Violation])
	if err != nil {
		return nil, fmt.Errorf("check %q: %w", name, err)
	}
	return broken, nil
}

// Written is the last link of every book to which one was added since a time, by the
// clock of the books.
func Written(ctx context.Context, tx Tx, since time.Time) (map[int64]int64, error) {
	rows, err := tx.Query(ctx, `select customer_no, max(seq) from ledger_record where recorded_at >= $1 group by 1`, since)
	if err != nil {
		return nil, fmt.Errorf("books written: %w", err)
	}
	links := map[int64]int64{}
	var book, seq int64
	_, err = pgx.ForEachRow(rows, []any{&book, &seq}, func() error { links[book] = seq; return nil })
	return links, err
}
