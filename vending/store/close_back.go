package store

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
)

// TakeBack takes back what the month's closes recognised of a meter beyond position,
// before the rest of its lots is given back to the customer: an estimate may have had
// more burnt than was proved now (RULES C5, A8). It is posted into the open month, and the
// next close knows of it. It does nothing where no more was recognised than was burnt.
func (t *Tx) TakeBack(ctx context.Context, deed uuid.UUID, meter string, lots []revenue.Lot, position int64) error {
	line := vending.CloseLine{Customer: t.Customer.No, Meter: meter, Period: vending.PeriodOf(t.Now)}
	var done revenue.Sum
	err := t.tx.QueryRow(ctx, `
		select l.class, l.earned_fen + coalesce(sum(b.gross_fen), 0)::bigint, l.earned_vat_fen + coalesce(sum(b.vat_fen), 0)::bigint
		from (select * from close_line where customer_no = $1 and meter_no = $2 order by period desc limit 1) l
		left join close_back b on b.customer_no = l.customer_no and b.meter_no = l.meter_no and b.period > l.period
		group by l.class, l.earned_fen, l.earned_vat_fen`, t.Customer.No, meter).Scan(&line.Class, &done.Gross, &done.VAT)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	now, err := revenue.Earned(lots, position)
	if err != nil {
		return err
	}
	over, err := done.Sub(now)
	if err != nil || over.Gross <= 0 {
		return err
	}
	if err := t.Apply(ctx, line.TakenBack(over, deed, t.Now)...); err != nil {
		return err
	}
	t.Changed("taken back", over)
	_, err = t.tx.Exec(ctx, `insert into close_back (customer_no, meter_no, id, period, gross_fen, vat_fen) values ($1, $2, $3, $4, $5, $6)`,
		t.Customer.No, meter, deed, line.Period, -over.Gross, -over.VAT)
	return err
}
