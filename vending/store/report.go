package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

const reportColumns = `customer_no, meter_no, source, meter_time, loaded, remaining, consumed, resolution, valve_open, battery_low, count, register`

// AddReport stores a meter's report once; false where it is stored already.
func (t *Tx) AddReport(ctx context.Context, r vending.Report) (bool, error) {
	const sql = `
		insert into report (customer_no, meter_no, meter_time, source, loaded, remaining, consumed, resolution, valve_open, battery_low, count, register)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict on constraint report_pkey do nothing`
	tag, err := t.tx.Exec(ctx, sql, t.Customer.No, r.Meter, r.MeterTime, r.Source, r.Loaded, r.Remaining, r.Consumed,
		r.Resolution, r.ValveOpen, r.BatteryLow, r.Count, r.Register)
	if tag.RowsAffected() == 1 {
		t.Changed("report", r)
	}
	return tag.RowsAffected() == 1, err
}

// Books is what the ledger holds about a meter and its live card.
func (t *Tx) Books(ctx context.Context, m vending.Meter) (vending.Books, error) {
	return booksOf(ctx, t.tx, t.Customer.No, m)
}

func booksOf(ctx context.Context, q ledger.Tx, customer int64, m vending.Meter) (vending.Books, error) {
	var b vending.Books
	err := q.QueryRow(ctx, `select no`+lastCard, customer, m.No).
		Scan(&b.Card)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return b, err
	}
	for account, amount := range map[ledger.Account]*ledger.Amount{
		ledger.Card(b.Card):   &b.OnCard,
		ledger.Meter(m.No):    &b.InMeter,
		ledger.Consumed(m.No): &b.Consumed,
	} {
		balance, err := ledger.BalanceOf(ctx, q, customer, account, m.Commodity)
		if err != nil {
			return b, err
		}
		*amount = ledger.Amount{N: balance.Posted, Commodity: m.Commodity}
		if account.Class == ledger.ClassCard {
			b.Leaving = balance.Outgoing
		}
	}
	return b, nil
}

// heardLast bounds how many reports of a meter a Statement holds: enough to see
// past a clock that was put right.
const heardLast = 100

// Statement is all that is known of one meter: the books, what its card was
// last seen to hold, and its last reports (nil where there is none yet).
type Statement struct {
	Meter    vending.Meter
	Customer int64
	Books    vending.Books
	Seen     *Seen
	Reports  []vending.Report // the last ones, in the order in which they were heard
	InDoubt  bool             // a purchase is pending
	Removed  bool             // the meter is not on the premises any more
	Count    uint32           // of the last loaded purchase, or the one that the meter began with
	Base     int64            // where its register stood when it came to the premises (RULES A7)
	Offset   int64            // the meter's total in the books less the one that it shows
	Opened   bool             // it was taken over as it stood, to what it can show
	OnLine   bool             // credit is sold on it over its line: it counts the purchases of the books, and no others
}

// Statements returns one statement a meter, of one meter or, where meter is
// empty, of every one, in the order of their numbers.
func (s *Store) Statements(ctx context.Context, meter string, each func(Statement) error) error {
	tx, err := s.begin(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx))
	rows, err := tx.Query(ctx, `select customer_no, no, commodity, max_credit, removed_at is not null, base_register from meter where $1 in ('', no) order by no`, meter)
	if err != nil {
		return refusal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Statement, error) {
		var st Statement
		return st, row.Scan(&st.Customer, &st.Meter.No, &st.Meter.Commodity, &st.Meter.MaxCredit, &st.Removed, &st.Base)
	})
	if err != nil {
		return refusal(err)
	}
	if meter != "" && len(list) == 0 {
		return vending.ErrNoMeter.With("Meter", meter)
	}
	for _, st := range list {
		if err := st.fill(ctx, tx); err != nil {
			return refusal(err)
		}
		if err := each(st); err != nil {
			return err
		}
	}
	return nil
}

func (st *Statement) fill(ctx context.Context, tx pgx.Tx) (err error) {
	if st.Books, err = booksOf(ctx, tx, st.Customer, st.Meter); err != nil {
		return err
	}
	var seen Seen
	// What the card held then is held against the purchase of that count: since then
	// the meter may have proved one that the card has not shown us yet. Before the
	// first it held what its meter began with.
	err = tx.QueryRow(ctx, `
		select s.generation, s.count, s.total, s.seen_at, coalesce(p.total, case s.count when m.base_count then m.base_total end, 0)
		from card_seen s join meter m on m.customer_no = s.customer_no and m.no = $3
		left join purchase p on p.customer_no = s.customer_no and p.meter_no = $3 and p.count = s.count and p.state = 'loaded'
		where s.customer_no = $1 and s.card_no = $2`, st.Customer, st.Books.Card, st.Meter.No).
		Scan(&seen.Generation, &seen.Count, &seen.Total, &seen.At, &seen.Books)
	switch {
	case err == nil:
		st.Seen = &seen
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	rows, err := tx.Query(ctx, `
		select `+reportColumns+` from (
			select * from report where customer_no = $1 and meter_no = $2 order by recorded_at desc limit $3
		) heard order by recorded_at`, st.Customer, st.Meter.No, heardLast)
	if err != nil {
		return err
	}
	if st.Reports, err = pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Report]); err != nil {
		return err
	}
	return tx.QueryRow(ctx, `select coalesce(bool_or(p.state = 'pending'), false), coalesce(max(p.count) filter (where p.state = 'loaded'), m.base_count),
			m.total_offset, m.base_count > 0 or m.base_consumed > 0 or m.total_offset <> 0, exists (select from card where customer_no = $1 and meter_no = $2 and state = 'active' and uid = $3)
		from meter m left join purchase p on p.customer_no = m.customer_no and p.meter_no = m.no
		where m.customer_no = $1 and m.no = $2 group by m.base_count, m.base_consumed, m.total_offset`, st.Customer, st.Meter.No, vending.LineSerial(st.Meter.No)).
		Scan(&st.InDoubt, &st.Count, &st.Offset, &st.Opened, &st.OnLine)
}
