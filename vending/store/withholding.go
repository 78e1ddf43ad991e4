package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

const withholdingColumns = `id, customer_no, mandate, name, fen, state, reason`

// Indebted lists the customers after one who gave a mandate, owe something and are not
// asked for it yet; last is the customer that was looked at last, 0 at the end.
func (t *Tx) Indebted(ctx context.Context, after int64, limit int) (found []vending.Withholding, last int64, err error) {
	rows, err := t.tx.Query(ctx, `select c.no, c.mandate, c.name from customer c where c.no > $1 and c.mandate <> ''
		and not exists (select 1 from withholding_line l where l.customer_no = c.no and l.state = 'asked') order by c.no limit $2`, after, limit)
	if err != nil {
		return nil, 0, err
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (vending.Withholding, error) {
		l := vending.Withholding{State: vending.WithholdingAsked}
		return l, row.Scan(&l.Customer, &l.Mandate, &l.Name)
	})
	if err != nil || len(all) == 0 {
		return nil, 0, err
	}
	customers := make([]int64, len(all))
	for i, l := range all {
		customers[i] = l.Customer
	}
	owed, err := ledger.Owed(ctx, t.tx, customers)
	for _, l := range all {
		if l.Fen = owed[l.Customer]; l.Fen > 0 {
			found = append(found, l)
		}
	}
	return found, customers[len(customers)-1], err
}

// AddWithholdings stores a batch, or the next lines of it.
func (t *Tx) AddWithholdings(ctx context.Context, batch uuid.UUID, bank ledger.Account, lines []vending.Withholding) error {
	if _, err := t.tx.Exec(ctx, `insert into withholding (id, bank) values ($1, $2) on conflict on constraint withholding_pkey do nothing`,
		batch, bank.String()); err != nil {
		return err
	}
	var ids []uuid.UUID
	var customers, fens []int64
	var mandates, names []string
	for _, l := range lines {
		ids, customers, fens = append(ids, l.ID), append(customers, l.Customer), append(fens, l.Fen)
		mandates, names = append(mandates, l.Mandate), append(names, l.Name)
	}
	t.Changed("withholding", map[string]any{"bank": bank.String(), "lines": len(lines)})
	_, err := t.tx.Exec(ctx, `insert into withholding_line (customer_no, id, batch, mandate, name, fen, state)
		select customer, id, $1, mandate, name, fen, 'asked'
		from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::bigint[]) as u(customer, id, mandate, name, fen)`,
		batch, customers, ids, mandates, names, fens)
	return err
}

// Withholdings lists a batch, by customer.
func (s *Store) Withholdings(ctx context.Context, batch uuid.UUID) ([]vending.Withholding, error) {
	rows, err := s.pool.Query(ctx, `select `+withholdingColumns+` from withholding_line where batch = $1 order by customer_no`, batch)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Withholding])
	return list, refusal(err)
}

// Withholding is the line of a batch of a bank's, or vending.ErrNotAsked.
func (s *Store) Withholding(ctx context.Context, bank ledger.Account, id uuid.UUID) (vending.Withholding, error) {
	rows, err := s.pool.Query(ctx, `select `+withholdingColumns+` from withholding_line l
		where id = $1 and exists (select 1 from withholding w where w.id = l.batch and w.bank = $2)`, id, bank.String())
	if err != nil {
		return vending.Withholding{}, refusal(err)
	}
	l, err := pgx.CollectOneRow(rows, pgx.RowToStructByPos[vending.Withholding])
	if errors.Is(err, pgx.ErrNoRows) {
		return l, vending.ErrNotAsked
	}
	return l, refusal(err)
}

// EndWithholding keeps how a line of the customer's ended.
func (t *Tx) EndWithholding(ctx context.Context, id uuid.UUID, end vending.WithholdingState, reason string) error {
	t.Changed("withholding", map[string]string{"line": id.String(), "end": string(end), "reason": reason})
	_, err := t.tx.Exec(ctx, `update withholding_line set state = $3, reason = $4 where customer_no = $1 and id = $2`,
		t.Customer.No, id, string(end), reason)
	return err
}
