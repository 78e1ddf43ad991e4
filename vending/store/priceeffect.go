package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// effectsOn computes what a change means to each meter of a customer. Under
// the policy keep nothing is owed.
func (m move) effectsOn(ctx context.Context, q ledger.Tx, no int64) (effects []PriceEffect, err error) {
	if m.next.CountsMoney() {
		return m.ordersFor(ctx, q, no)
	}
	meters, err := metersOf(ctx, q, no)
	if err != nil {
		return nil, err
	}
	for _, meter := range meters {
		e := PriceEffect{Customer: no, Meter: meter.No, Result: EffectPlanned}
		if meter.Commodity != m.next.Commodity {
			continue
		}
		if err := e.fill(ctx, q, meter, m); err != nil {
			return nil, err
		}
		effects = append(effects, e)
	}
	return effects, nil
}

// ordersFor is effectsOn of meters that count money: those on the premises are told.
func (m move) ordersFor(ctx context.Context, q querier, no int64) (effects []PriceEffect, err error) {
	account, err := accountOf(ctx, q, no)
	if err != nil {
		return nil, err
	}
	for _, meter := range account.Meters {
		if meter.Commodity != m.next.Commodity {
			continue
		}
		e := PriceEffect{Customer: no, Meter: meter.No}
		if err := e.ordered(ctx, q, m); err != nil {
			return nil, err
		}
		effects = append(effects, e)
	}
	return effects, nil
}

// ordered is how far the price has come on its way to a meter that counts money. Once a
// later version is in force that is what the meter is told.
func (e *PriceEffect) ordered(ctx context.Context, q querier, m move) error {
	orders, err := priceOrders(ctx, q, e.Customer, e.Meter)
	if err != nil {
		return err
	}
	e.Result = EffectOrdered
	for _, o := range orders {
		if o.Is(m.next) {
			e.Order = o.State
		}
		if o.State == vending.OrderConfirmed && !o.From.Before(m.From) {
			e.Result = EffectBefore
		}
	}
	return nil
}

// fill is what was done before, or what is to be done.
func (e *PriceEffect) fill(ctx context.Context, q ledger.Tx, meter vending.Meter, m move) error {
	var asOf *time.Time
	var pending bool
	var sold int64
	err := q.QueryRow(ctx, `select
		(select max(meter_time) from report where customer_no = $1 and meter_no = $2),
		exists (select from purchase where customer_no = $1 and meter_no = $2 and state = 'pending'),
		coalesce(greatest((select max(total) from purchase where customer_no = $1 and meter_no = $2 and state = 'loaded' and undone_at is null),
			(select max(to_total) from lot where customer_no = $1 and meter_no = $2)), 0)`, e.Customer, e.Meter).
		Scan(&asOf, &pending, &sold)
	if err != nil {
		return err
	}
	if asOf != nil {
		e.AsOf = *asOf
	}
	err = q.QueryRow(ctx, `select units, fen, to_total - units from price_trueup where customer_no = $1 and meter_no = $2 and code = $3 and valid_from = $4`,
		e.Customer, e.Meter, m.Tariff, m.From).Scan(&e.Units, &e.Fen, &e.from)
	switch {
	case err == nil:
		e.Result = EffectBefore
		return nil
	case !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	books, err := booksOf(ctx, q, e.Customer, meter)
	if err != nil {
		return err
	}
	held, err := books.OnCard.Add(books.InMeter)
	if err != nil {
		return err
	}
	if pending {
		e.Result = EffectDoubt
	}
	e.Units = max(held.N, 0)
	e.from = max(sold-e.Units, 0)
	if m.Policy == vending.PolicyKeep {
		e.Result = EffectKept
		return nil
	}
	bought, err := m.standing(ctx, q, *e)
	if err != nil {
		return err
	}
	up, err := vending.TrueUpTo(m.next, vending.HeldBefore(m.before, m.next, e.Units, bought))
	e.Units, e.Fen = up.Units, up.Fen
	return err
}

// standing lists the loaded purchases of a meter, the last one first, as far as they
// may be outstanding, each at the version at which it stands: as sold, or as trued
// up since. One that was sold by another price list stands at before.
func (m move) standing(ctx context.Context, q ledger.Tx, e PriceEffect) (list []vending.Held, err error) {
	rows, err := q.Query(ctx, `
		select p.tariff = $3,
			greatest(p.tariff_from, (select max(u.valid_from) from price_trueup u
				where u.customer_no = $1 and u.meter_no = $2 and u.code = $3 and u.to_total >= p.total)),
			p.used, p.persons, p.months, p.credit
		from purchase p
		where p.customer_no = $1 and p.meter_no = $2 and p.state = 'loaded' and p.undone_at is null
			and p.total > (select max(total) from purchase where customer_no = $1 and meter_no = $2 and state = 'loaded' and undone_at is null) - $4
		order by p.count desc`, e.Customer, e.Meter, m.Tariff, e.Units)
	if err != nil {
		return nil, err
	}
	var own bool
	var from time.Time
	var h vending.Held
	_, err = pgx.ForEachRow(rows, []any{&own, &from, &h.Usage.Used, &h.Usage.Persons, &h.Usage.Months, &h.Credit}, func() error {
		h.Tariff = m.before
		if own {
			h.Tariff, err = m.versions.InForce(from)
		}
		list = append(list, h)
		return err
	})
	return list, err
}
