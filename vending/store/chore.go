package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// choresSQL begins a statement over what waits for meters on lines. A meter that counts money, and on which credit is sold over its line,
// always waits to be heard; done is that it was heard to charge the prices in force. The prices of one that is only read are another
// program's. Sold over the line is where the card is the meter (vending.LineSerial). That is nothing rare among them: coalesce keeps the
// planner from believing so, and from loops over loops. What waits anew since the last try, as a price that was confirmed meanwhile
// and then reset, is as if nobody had tried.
const choresSQL = `
with version as (select distinct on (code) code, valid_from from tariff_version where valid_from <= ledger_now() order by code, valid_from desc),
on_line as (
	select l.*, m.commodity, c.tariff from line_meter l
	join meter m on m.customer_no = l.customer_no and m.no = l.meter_no and m.removed_at is null
	join customer c on c.no = l.customer_no),
waits as (
	select l.*, 'price' as kind, v.code || ' ' || to_char(v.valid_from at time zone interval '8 hours', 'YYYY-MM-DD') as about,
		coalesce(o.since, greatest(v.valid_from, l.added_at, k.issued_at)) as since, coalesce(o.state = 'confirmed', false) as done
	from on_line l join version v on v.code = l.tariff
	join card k on k.customer_no = l.customer_no and k.meter_no = l.meter_no and k.state = 'active'
	left join price_order o on o.customer_no = l.customer_no and o.meter_no = l.meter_no and o.code = v.code and o.valid_from = v.valid_from
	where l.commodity = 'CNY' and coalesce(encode(k.uid, 'hex') = 'fa' || l.meter_no, false)
	union all
	select l.*, 'purchase', p.id::text, p.opened_at, false
	from on_line l join purchase p on p.customer_no = l.customer_no and p.meter_no = l.meter_no and p.state = 'pending'
	join card k on k.customer_no = p.customer_no and k.no = p.card_no
	where encode(k.uid, 'hex') = 'fa' || l.meter_no),
chore as (
	select w.*, coalesce(c.tries, 0) as tries, coalesce(c.declines, 0) as declines, coalesce(c.given_up, false) as given_up, c.trouble, c.not_before
	from waits w left join meter_chore c on c.customer_no = w.customer_no and c.meter_no = w.meter_no and c.kind = w.kind and c.about = w.about
		and (w.done or c.tried_at >= w.since))
`

// choreColumns are of a vending.Chore.
const choreColumns = lineMeterColumns + `, kind, about, since, tries, declines, given_up, trouble`

// OnBus is a meter that hangs on the bus with a number.
type OnBus struct {
	Meter string
	Bus   int32
}

// DueChores are what waits for these meters and may be tried now, at most most for each bus: purchases that have waited for
// that long, and then prices, what waits longest first. A price that waits again after it was heard is due at once.
func (s *Store) DueChores(ctx context.Context, on []OnBus, doubtful time.Duration, most int) ([]vending.Chore, error) {
	rows, err := s.pool.Query(ctx, choresSQL+`
		select `+choreColumns+` from (
			select chore.*, row_number() over (partition by bus order by kind desc, since, customer_no) as turn
			from chore join unnest($1::text[], $2::integer[]) asked (number, bus) on number = meter_no
			where case
				when kind = 'purchase' and since > ledger_now() - $3::interval then false
				when not_before is null then true
				when given_up then done and not_before <= ledger_now()
				else not_before <= ledger_now() or tries = 0 and not done
			end) due
		where turn <= $4 order by kind desc, since, customer_no`,
		each(on, func(o OnBus) string { return o.Meter }), each(on, func(o OnBus) int32 { return o.Bus }), doubtful, most)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Chore])
	return list, refusal(err)
}

// Waiting lists what waits for meters on lines, what waits longest first, whether it may be tried now or not.
func (s *Store) Waiting(ctx context.Context, limit int) ([]vending.Chore, error) {
	rows, err := s.pool.Query(ctx, choresSQL+`select `+choreColumns+` from chore where not done order by since, customer_no, kind limit $1`, limit)
	if err != nil {
		return nil, refusal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[vending.Chore])
	return list, refusal(err)
}

// WaitingSince says of each kind since when the first of its chores waits, of those that were given up apart. Where nothing
// waits it has no time.
type WaitingSince struct {
	Waiting, GivenUp map[vending.ChoreKind]time.Time
}

// WaitingSince is of all meters on lines.
func (s *Store) WaitingSince(ctx context.Context) (WaitingSince, error) {
	w := WaitingSince{map[vending.ChoreKind]time.Time{}, map[vending.ChoreKind]time.Time{}}
	rows, err := s.pool.Query(ctx, choresSQL+`select kind, given_up, min(since) from chore where not done group by kind, given_up`)
	if err != nil {
		return w, refusal(err)
	}
	var kind vending.ChoreKind
	var givenUp bool
	var since time.Time
	_, err = pgx.ForEachRow(rows, []any{&kind, &givenUp, &since}, func() error {
		if givenUp {
			w.GivenUp[kind] = since
		} else {
			w.Waiting[kind] = since
		}
		return nil
	})
	return w, refusal(err)
}

// KeepChore keeps how a try at a chore went, and for how long it is left alone. It is no deed: nothing of it is in the books.
func (s *Store) KeepChore(ctx context.Context, c vending.Chore, pause time.Duration) error {
	b := &pgx.Batch{}
	b.Queue(`insert into meter_chore (customer_no, meter_no, kind, about, tries, declines, not_before, given_up, trouble, tried_at)
		values ($1, $2, $3, $4, $5, $6, ledger_now() + $7::interval, $8, $9, ledger_now())
		on conflict on constraint meter_chore_pkey do update set about = excluded.about, tries = excluded.tries, declines = excluded.declines,
			not_before = excluded.not_before, given_up = excluded.given_up, trouble = excluded.trouble, tried_at = excluded.tried_at`,
		c.Customer, c.Meter, c.Kind, c.About, c.Tries, c.Declines, pause, c.GivenUp, c.Trouble)
	return s.pipeline(ctx, b)
}
