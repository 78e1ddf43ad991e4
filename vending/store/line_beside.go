package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// LineBeside lists the meters that hang on the line of one of the customer's, are another one, and are on the premises still, by
// address. A line is known by its name without the scheme: tcp:// and modbus-tcp:// at one address are one. Until the transaction ends, whoever asks for the same line waits.
func (t *Tx) LineBeside(ctx context.Context, m vending.LineMeter) ([]vending.LineMeter, error) {
	_, err := t.tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended('vendgate: line ' || regexp_replace($1::text, '^[a-z-]+://', ''), 0))`, m.Line)
	if err != nil {
		return nil, err
	}
	rows, err := t.tx.Query(ctx, `select `+lineMeterColumns+` from line_meter l
		where regexp_replace(line, '^[a-z-]+://', '') = regexp_replace($1::text, '^[a-z-]+://', '') and (customer_no, meter_no) <> ($2, $3)
			and `+onPremises+`
		order by address`, m.Line, t.Customer.No, m.Meter)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[vending.LineMeter])
}
