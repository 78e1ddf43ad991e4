package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

const lineMeterColumns = `customer_no, meter_no, model, line, baud, parity, address`

// PutOnLine says how one of the customer's meters is asked from now on.
func (t *Tx) PutOnLine(ctx context.Context, m vending.LineMeter) error {
	t.Changed("line", m)
	_, err := t.tx.Exec(ctx, `insert into line_meter (`+lineMeterColumns+`) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict on constraint line_meter_pkey do update set model = excluded.model, line = excluded.line, baud = excluded.baud,
			parity = excluded.parity, address = excluded.address`,
		t.Customer.No, m.Meter, m.Model, m.Line, m.Baud, m.Parity, m.Address)
	return err
}

// onPremises has a meter on a line (l) be one that is on the premises still.
const onPremises = `exists (select from meter m where m.customer_no = l.customer_no and m.no = l.meter_no and m.removed_at is null)`

// LineDigest is another text whenever LineMeters or MeterModels say something else than they did: a look at whether they do, without
// reading it all.
func (s *Store) LineDigest(ctx context.Context) (string, error) {
	meters, models := "", ""
	b := &pgx.Batch{}
	b.Queue(`select concat_ws(' ', count(*), sum(hashtextextended(row(` + lineMeterColumns + `)::text, 0))) from line_meter l where ` + onPremises).
		QueryRow(func(row pgx.Row) error { return row.Scan(&meters) })
	b.Queue(`select concat_ws(' ', count(*), sum(hashtextextended(row(name, description)::text, 0))) from meter_model`).
		QueryRow(func(row pgx.Row) error { return row.Scan(&models) })
	err := s.pool.SendBatch(ctx, b).Close()
	return meters + "/" + models, refusal(err)
}

// LineMeters lists the meters on lines that are on the premises still, by line and address.
func (s *Store) LineMeters(ctx context.Context) ([]vending.LineMeter, error) {
	rows, err := s.pool.Query(ctx, `select `+lineMeterColumns+` from line_meter l
		where `+onPremises+`
		order by line, address`)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.LineMeter])
	return list, refusal(err)
}

// LineMeter is how a meter is asked, or vending.ErrNoLine; vending.ErrMeterRemoved where it is not on the premises any more.
func (s *Store) LineMeter(ctx context.Context, meter string) (m vending.LineMeter, err error) {
	var removed *time.Time
	err = s.pool.QueryRow(ctx, `select `+lineMeterColumns+`, (select removed_at from meter m where m.customer_no = l.customer_no and m.no = l.meter_no)
		from line_meter l where meter_no = $1`, meter).
		Scan(&m.Customer, &m.Meter, &m.Model, &m.Line, &m.Baud, &m.Parity, &m.Address, &removed)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return m, vending.ErrNoLine.With("Meter", meter)
	case err != nil:
		return m, refusal(err)
	}
	return m, still(meter, removed)
}
