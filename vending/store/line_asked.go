package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// AskedAs is the model that the books have by now of a meter on a line, and when the meter was taken off the premises: zero
// where it is there still. It fails with vending.ErrNoLine.
func (s *Store) AskedAs(ctx context.Context, meter string) (model string, removed time.Time, err error) {
	var at *time.Time
	err = s.pool.QueryRow(ctx, `select l.model, m.removed_at from line_meter l
		join meter m on m.customer_no = l.customer_no and m.no = l.meter_no
		where l.meter_no = $1 order by m.removed_at desc nulls first limit 1`, meter).Scan(&model, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", removed, vending.ErrNoLine.With("Meter", meter)
	}
	if at != nil {
		removed = *at
	}
	return model, removed, refusal(err)
}
