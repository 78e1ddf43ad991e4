package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// Uses are the registers by which a report of one of the customer's meters is judged.
func (t *Tx) Uses(ctx context.Context, meter string, at time.Time) (u vending.Uses, err error) {
	year := at.AddDate(-1, 0, 0)
	for _, want := range []struct {
		by   time.Time
		into **vending.Register
	}{
		{at, &u.Last}, // of the same time, too: a clock may stand still
		{at.AddDate(0, -1, 0), &u.MonthAgo},
		{year, &u.YearAgo},
		{year.AddDate(0, 1, 0), &u.YearAgoEnd},
	} {
		var r vending.Register
		err := t.tx.QueryRow(ctx, `select meter_time, consumed from report where customer_no = $1 and meter_no = $2 and meter_time <= $3
			order by meter_time desc, consumed desc limit 1`, t.Customer.No, meter, want.by).Scan(&r.At, &r.N)
		switch {
		case err == nil:
			*want.into = &r
		case !errors.Is(err, pgx.ErrNoRows):
			return u, err
		}
	}
	return u, nil
}

// Heard says whether the meter was heard on its line before, since a time, to have taken exactly that much.
func (t *Tx) Heard(ctx context.Context, meter string, loaded int64, since time.Time) (heard bool, err error) {
	err = t.tx.QueryRow(ctx, `select exists (select from report where customer_no = $1 and meter_no = $2 and source = 'wire'
		and loaded = $3 and recorded_at >= $4)`, t.Customer.No, meter, loaded, since).Scan(&heard)
	return heard, err
}

// Hold keeps a report that is not believed; false where it is kept already.
func (t *Tx) Hold(ctx context.Context, r vending.Report, reason string) (bool, error) {
	tag, err := t.tx.Exec(ctx, `
		insert into report_held (customer_no, id, meter_no, meter_time, source, loaded, remaining, consumed, resolution, valve_open, battery_low, count, register, reason)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) on conflict on constraint report_held_pkey do nothing`,
		t.Customer.No, r.ID(), r.Meter, r.MeterTime, r.Source, r.Loaded, r.Remaining, r.Consumed, r.Resolution, r.ValveOpen, r.BatteryLow, r.Count, r.Register, reason)
	if tag.RowsAffected() == 1 {
		t.Changed("held", map[string]any{"report": r, "reason": reason})
	}
	return tag.RowsAffected() == 1, err
}

const heldSQL = `select ` + reportColumns + `, id, reason, held_at, ended,
	(select commodity from meter m where m.customer_no = report_held.customer_no and m.no = meter_no) from report_held `

func scanHeld(row pgx.CollectableRow) (h vending.HeldReport, err error) {
	return h, row.Scan(&h.Customer, &h.Meter, &h.Source, &h.MeterTime, &h.Loaded, &h.Remaining, &h.Consumed, &h.Resolution, &h.ValveOpen,
		&h.BatteryLow, &h.Count, &h.Register, &h.ID, &h.Reason, &h.Held, &h.Ended, &h.Counts)
}

// HeldReports lists the reports that nobody has looked at yet, the oldest first.
func (s *Store) HeldReports(ctx context.Context, limit int) ([]vending.HeldReport, error) {
	rows, err := s.pool.Query(ctx, heldSQL+`where ended = '' order by held_at, id limit $1`, limit)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, scanHeld)
	return list, refusal(err)
}

// HeldReport is one report that was held, whoever's it is, or vending.ErrNoHeld.
func (s *Store) HeldReport(ctx context.Context, id uuid.UUID) (vending.HeldReport, error) {
	h, err := oneHeld(s.pool.Query(ctx, heldSQL+`where id = $1`, id))
	if errors.Is(err, vending.ErrNoHeld) {
		return h, vending.ErrNoHeld.With("ID", id)
	}
	return h, refusal(err)
}

func oneHeld(rows pgx.Rows, err error) (vending.HeldReport, error) {
	if err != nil {
		return vending.HeldReport{}, err
	}
	h, err := pgx.CollectOneRow(rows, scanHeld)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, vending.ErrNoHeld
	}
	return h, err
}

// EndHeld says what became of one of the customer's held reports. It fails with
// vending.ErrHeldEnded where that was said before.
func (t *Tx) EndHeld(ctx context.Context, id uuid.UUID, end vending.HeldEnd) error {
	tag, err := t.tx.Exec(ctx, `update report_held set ended = $3 where customer_no = $1 and id = $2 and ended = ''`, t.Customer.No, id, end)
	if err == nil && tag.RowsAffected() == 0 {
		return vending.ErrHeldEnded.With("ID", id)
	}
	t.Changed("held report", map[string]any{"id": id, "end": end})
	return err
}
