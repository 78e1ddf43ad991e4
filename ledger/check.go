package ledger

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Violation is one broken invariant. There must never be one.
type Violation struct {
	Invariant string // which rule
	Detail    string // where, and by how much
}

func (v Violation) String() string { return v.Invariant + ": " + v.Detail }

// invariants are queries that return one text per violation.
var invariants = []struct{ name, sql string }{
	{"every balance is the sum of its transfers", `
		with replay as (
			select customer_no, account, commodity, sum(posted) as posted,
				sum(incoming) as incoming, sum(outgoing) as outgoing
			from (` + sidesSQL + `) side
			where split_part(account, ':', 1) = any($1::text[])
			group by 1, 2, 3
		)
		select format('%s of customer %s: balance %s %s (in %s, out %s), transfers give %s (in %s, out %s)',
			account, customer_no, b.credits_posted - b.debits_posted, commodity, b.credits_pending, b.debits_pending,
			r.posted, r.incoming, r.outgoing)
		from ledger_balance b full join replay r using (customer_no, account, commodity)
		where (b.credits_posted - b.debits_posted, b.credits_pending, b.debits_pending)
			is distinct from (r.posted, r.incoming, r.outgoing)`},
	{"nothing is taken from an account that it does not hold", `
		select format('%s of customer %s: %s %s', account, customer_no, sum(posted - outgoing), commodity)
		from (` + sidesSQL + `) side
		where split_part(account, ':', 1) = any($2::text[])
		group by customer_no, account, commodity having sum(posted - outgoing) < 0`},
	{"nothing is paid that is not owed", `
		select format('%s of customer %s: %s %s', account, customer_no, sum(posted + incoming), commodity)
		from (` + sidesSQL + `) side
		where split_part(account, ':', 1) = any($3::text[])
		group by customer_no, account, commodity having sum(posted + incoming) > 0`},
	{"every transfer has its record", `
		select format('transfer %s of customer %s belongs to link %s, which is not there', t.id, t.customer_no, t.seq)
		from ledger_transfer t
		left join ledger_record r on r.customer_no = t.customer_no and r.seq = t.seq where r.seq is null`},
	{"a settled transfer moves what was pended", `
		select format('transfer %s settles %s of customer %s with other accounts or another amount',
			s.id, s.pend_id, s.customer_no)
		from ledger_transfer s
		left join ledger_transfer p on p.customer_no = s.customer_no and p.id = s.pend_id and p.kind = 'pend'
		where s.pend_id is not null
			and (s.debit, s.credit, s.commodity, s.amount) is distinct from (p.debit, p.credit, p.commodity, p.amount)`},
	{"all balances of a commodity sum to zero", `
		select format('%s is off by %s', commodity, sum(posted))
		from (
			select commodity, credits_posted - debits_posted as posted from ledger_balance
			union all
			select commodity, posted from (` + sidesSQL + `) side
			where not split_part(account, ':', 1) = any($1::text[])
		) every_account group by commodity having sum(posted) <> 0`},
}

// Check replays the whole book and returns what does not hold. It reads one
// snapshot where tx is a repeatable-read transaction.
func Check(ctx context.Context, tx Tx) ([]Violation, error) {
	var found []Violation
	for _, inv := range invariants {
		// Every query takes all lists, so that all are called alike.
		sql := "with chart as (select $1::text[], $2::text[], $3::text[]) select violation from (" + inv.sql + ") found (violation)"
		rows, err := tx.Query(ctx, sql, ownedClasses, boundedClasses, owingClasses)
		if err != nil {
			return nil, fmt.Errorf("check %q: %w", inv.name, err)
		}
		details, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("check %q: %w", inv.name, err)
		}
		for _, d := range details {
			found = append(found, Violation{inv.name, d})
		}
	}
	return found, nil
}
