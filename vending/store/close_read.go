package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
)

// stretch is some customers in the order of their numbers: after, and up to upTo.
type stretch struct{ after, upTo int64 }

// meterMonth is a meter and the facts of its month.
type meterMonth struct {
	line  vending.CloseLine
	facts revenue.Facts
	done  bool // its line is written already
}

// meterKey finds a meter among those of a stretch.
type meterKey struct {
	customer int64
	meter    string
}

// closeRead reads the facts of a stretch in one round trip, whatever its size.
type closeRead struct {
	close   closing
	stretch stretch
	meters  []meterMonth
	at      map[meterKey]int
}

const (
	closeMetersSQL = `
		select m.customer_no, m.no, m.commodity, c.tariff, m.installed_at, coalesce(m.removed_at < $3, false)
		from meter m join customer c on c.no = m.customer_no
		where m.customer_no > $1 and m.customer_no <= $2 and m.installed_at < $3
		order by m.customer_no, m.no`
	closeBeforeSQL = `
		select customer_no, meter_no, period, position, earned_fen, earned_vat_fen from close_line
		where customer_no > $1 and customer_no <= $2 and period in ($3, $4)`
	closeBackSQL = `
		select customer_no, meter_no, gross_fen, vat_fen from close_back
		where customer_no > $1 and customer_no <= $2 and period = $3`
	// A loaded purchase is a lot; the others lie in lot. What takes one back lies over it;
	// neither counts where both were recorded on the same side of the month's end.
	closeLotsSQL = `
		select customer_no, meter_no, least(total - credit, total), greatest(total - credit, total), cost_fen, vat_bp, recorded_at >= $3 from purchase
		where customer_no > $1 and customer_no <= $2 and state = 'loaded'
			and (undone_at is null or (undone_at >= $3) <> (recorded_at >= $3))
		union all
		select customer_no, meter_no, from_total, to_total, cost_fen, vat_bp, recorded_at >= $3 from lot
		where customer_no > $1 and customer_no <= $2`
	// What was recorded in a month counts in it. A clock that is ahead is not believed.
	closeReadingsSQL = `
		select customer_no, meter_no, least(meter_time, recorded_at), consumed from report
		where customer_no > $1 and customer_no <= $2 and recorded_at < $3`
	// What meters that count money had confirmed by the month's end, the earliest first, with the price of the first tier.
	closePricesSQL = `
		select o.customer_no, o.meter_no, o.confirmed_at, (v.body -> 'tiers' -> 0 ->> 'price_fen')::bigint
		from price_order o join tariff_version v on v.code = o.code and v.valid_from = o.valid_from
		where o.customer_no > $1 and o.customer_no <= $2 and o.confirmed_at < $3 order by o.customer_no, o.meter_no, o.confirmed_at`
)

// read fills in what is known of the stretch at the month's end.
func (r *closeRead) read(ctx context.Context, tx pgx.Tx) error {
	r.at = map[meterKey]int{}
	from, to, end := r.stretch.after, r.stretch.upTo, r.close.until
	b := &pgx.Batch{}
	b.Queue(closeMetersSQL, from, to, end).Query(r.scanMeters)
	b.Queue(closeBeforeSQL, from, to, vending.PreviousPeriod(r.close.period), r.close.period).Query(r.scanBefore)
	b.Queue(closeBackSQL, from, to, r.close.period).Query(r.scanBack)
	b.Queue(closeLotsSQL, from, to, end).Query(r.scanLots)
	b.Queue(closeReadingsSQL, from, to, end).Query(r.scanReadings)
	b.Queue(closePricesSQL, from, to, end).Query(r.scanPrices)
	return tx.SendBatch(ctx, b).Close()
}

func (r *closeRead) scanMeters(rows pgx.Rows) error {
	var m meterMonth
	var tariff string
	l := &m.line
	_, err := pgx.ForEachRow(rows, []any{&l.Customer, &l.Meter, &l.Commodity, &tariff, &m.facts.Begun.At, &m.facts.Ended}, func() error {
		l.Period, l.Class = r.close.period, r.close.classes[tariff]
		r.at[meterKey{l.Customer, l.Meter}] = len(r.meters)
		r.meters = append(r.meters, m)
		return nil
	})
	return err
}

// of runs do for the meter that a row is about, if it is of the month.
func (r *closeRead) of(k *meterKey, do func(*meterMonth)) func() error {
	return func() error {
		if i, ok := r.at[*k]; ok {
			do(&r.meters[i])
		}
		return nil
	}
}

func (r *closeRead) scanBefore(rows pgx.Rows) error {
	var k meterKey
	var period int
	var before revenue.State
	_, err := pgx.ForEachRow(rows, []any{&k.customer, &k.meter, &period, &before.Position, &before.Done.Gross, &before.Done.VAT},
		r.of(&k, func(m *meterMonth) {
			if period == r.close.period {
				m.done = true
				return
			}
			m.facts.Before = before
		}))
	return err
}

// scanBack adds what was taken back to what the line before had recognised.
func (r *closeRead) scanBack(rows pgx.Rows) error {
	var k meterKey
	var back revenue.Sum
	var overflow error
	_, err := pgx.ForEachRow(rows, []any{&k.customer, &k.meter, &back.Gross, &back.VAT}, r.of(&k, func(m *meterMonth) {
		if sum, err := m.facts.Before.Done.Add(back); err != nil {
			overflow = err
		} else {
			m.facts.Before.Done = sum
		}
	}))
	return errors.Join(err, overflow)
}

func (r *closeRead) scanLots(rows pgx.Rows) error {
	var k meterKey
	var lot revenue.Lot
	var later bool
	_, err := pgx.ForEachRow(rows, []any{&k.customer, &k.meter, &lot.From, &lot.To, &lot.Cost, &lot.VATbp, &later},
		r.of(&k, func(m *meterMonth) {
			to := &m.facts.Lots
			if later {
				to = &m.facts.Later
			}
			*to = append(*to, lot)
		}))
	return err
}

func (r *closeRead) scanReadings(rows pgx.Rows) error {
	var k meterKey
	var at time.Time
	var used int64
	_, err := pgx.ForEachRow(rows, []any{&k.customer, &k.meter, &at, &used},
		r.of(&k, func(m *meterMonth) {
			m.facts.Read(revenue.Reading{At: at, Used: used}, r.close.until.Add(-r.close.rules.Window))
		}))
	return err
}

// scanPrices finds the price that a meter charged at its last reading, and the one that it charges at the
// month's end.
func (r *closeRead) scanPrices(rows pgx.Rows) error {
	var k meterKey
	var confirmed time.Time
	var fen int64
	_, err := pgx.ForEachRow(rows, []any{&k.customer, &k.meter, &confirmed, &fen}, r.of(&k, func(m *meterMonth) {
		price := &m.facts.Price
		if price.Now = fen; price.Then == 0 || !confirmed.After(m.facts.Last.At) {
			price.Then = fen
		}
	}))
	return err
}

// lines closes the month of every meter of the stretch that is not done.
func (r *closeRead) lines() ([]vending.CloseLine, error) {
	out := make([]vending.CloseLine, 0, len(r.meters))
	for _, m := range r.meters {
		if m.done {
			continue
		}
		line, err := r.close.rules.Month(m.facts, r.close.from, r.close.until)
		if err != nil {
			return nil, vending.ErrMonthMeter.With("Meter", m.line.Meter, "Reason", err.Error())
		}
		m.line.Line, m.line.ReadAt = line, m.facts.Last.At
		out = append(out, m.line)
	}
	return out, nil
}

// classesOf is where the revenue of each tariff goes (RULES A3).
func classesOf(ctx context.Context, q ledger.Tx) (map[string]string, error) {
	rows, err := q.Query(ctx, `select code, class from tariff`)
	if err != nil {
		return nil, err
	}
	classes := map[string]string{}
	var code, class string
	_, err = pgx.ForEachRow(rows, []any{&code, &class}, func() error { classes[code] = class; return nil })
	return classes, err
}
