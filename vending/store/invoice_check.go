package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
)

// checkInvoices holds every book of invoices against what was made from it: each
// number that was given away is one invoice, and no invoice has another (RULES B6).
func checkInvoices(ctx context.Context, q querier) ([]ledger.Violation, error) {
	rows, err := q.Query(ctx, `
		select format('book %s from %s on: %s numbers given away, %s invoices, %s of them of numbers of their own', b.code, b.first,
			b.next - b.first, count(i.number), count(distinct i.number))
		from invoice_book b left join invoice i on i.code = b.code and i.number >= b.first and i.number < b.next
		group by b.code, b.first, b.next
		having count(i.number) <> b.next - b.first or count(distinct i.number) <> b.next - b.first
		union all
		select format('invoice %s-%s was made from no book', i.code, i.number) from invoice i
		where not exists (select from invoice_book b where b.code = i.code and i.number >= b.first and i.number < b.next)
		limit 100`)
	if err != nil {
		return nil, fmt.Errorf("invoices: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ledger.Violation, error) {
		v := ledger.Violation{Invariant: "every number of an invoice book is given away once"}
		return v, row.Scan(&v.Detail)
	})
}
