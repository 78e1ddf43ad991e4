package store

import (
	"context"
	"time"

	"github.com/vendgate/vendgate/vending"
)

// Price is what the price of a purchase follows from: what the version in force
// asks, what was used of its tiers, and what limits ask.
type Price struct {
	Tariff vending.Tariff
	Usage  vending.Usage
	Bought vending.Bought
}

// Price returns what a purchase for a meter follows from at this transaction's
// instant, and no other: a sale that is begun before midnight is one of that day.
// It fails with vending.ErrNoTariff or ErrNotInForce.
func (t *Tx) Price(ctx context.Context, m vending.Meter) (Price, error) {
	versions, err := t.Versions(ctx)
	if err != nil {
		return Price{}, err
	}
	now, err := versions.InForce(t.Now)
	if err != nil {
		return Price{}, err
	}
	p := Price{Tariff: now}
	since, _, near := versions.Rise(t.Now)
	p.Bought.Rising = near
	count, opened, err := t.bought(ctx, &p, since)
	if err != nil {
		return p, err
	}
	p.Usage.Months = now.Months(opened, t.Now)
	if now.Counted == vending.OnConsumption {
		if err := t.consumed(ctx, m, now, &count); err != nil {
			return p, err
		}
	}
	p.Usage.Used = now.Used(count)
	return p, nil
}

// monthsOfAverage is over how many months an average purchase is counted.
const monthsOfAverage = 12

// bought sums the customer's purchases: of the tier year, of the month, since a rise
// of the price is near, and of the last months. It returns since when the customer
// is supplied.
func (t *Tx) bought(ctx context.Context, p *Price, near time.Time) (count vending.UnitCount, since time.Time, err error) {
	year, _ := p.Tariff.TierYear(t.Now)
	month := vending.PeriodStart(vending.PeriodOf(t.Now))
	var average int64
	err = t.tx.QueryRow(ctx, `
		select c.persons, c.opened_at,
			coalesce(sum(p.credit) filter (where p.opened_at >= $3), 0)::bigint,
			coalesce(sum(p.cost_fen) filter (where p.opened_at >= $4), 0)::bigint,
			coalesce(sum(p.credit) filter (where p.opened_at >= $4), 0)::bigint,
			coalesce(sum(p.credit) filter (where p.opened_at >= $5), 0)::bigint,
			coalesce(sum(p.credit) filter (where p.opened_at >= $6), 0)::bigint
		from customer c
		left join purchase p on p.customer_no = c.no and p.state <> 'voided' and p.commodity = $2
		where c.no = $1 group by c.no`,
		t.Customer.No, p.Tariff.Commodity, year, month, near, t.Now.AddDate(0, -monthsOfAverage, 0)).
		Scan(&p.Usage.Persons, &since, &count.Bought, &p.Bought.MonthFen, &p.Bought.MonthUnits, &p.Bought.NearUnits, &average)
	if err != nil {
		return count, since, refusal(err)
	}
	if !p.Bought.Rising {
		p.Bought.NearUnits = 0
	}
	p.Bought.Average = average / supplied(since, t.Now)
	return count, since, nil
}

// supplied is for how many months a customer has bought, as far as an average asks.
func supplied(since, now time.Time) int64 {
	months := int64(1)
	for months < monthsOfAverage && !since.AddDate(0, int(months)+1, 0).After(now) {
		months++
	}
	return months
}

// consumed adds what the meter burnt in the tier year, and what it and its card hold.
func (t *Tx) consumed(ctx context.Context, m vending.Meter, tariff vending.Tariff, count *vending.UnitCount) error {
	year, _ := tariff.TierYear(t.Now)
	err := t.tx.QueryRow(ctx, `
		select coalesce(sum(burnt), 0)::bigint from (
			select max(r.consumed) - coalesce(max(r.consumed) filter (where r.meter_time < $3), 0) burnt
			from report r join meter m on m.customer_no = r.customer_no and m.no = r.meter_no
			where r.customer_no = $1 and m.commodity = $2 group by r.meter_no) meters`,
		t.Customer.No, tariff.Commodity, year).Scan(&count.Consumed)
	if err != nil {
		return refusal(err)
	}
	b, err := t.Books(ctx, m)
	if err != nil {
		return err
	}
	held, err := b.OnCard.Add(b.InMeter)
	count.Outstanding = held.N
	return err
}

// SetPersons says how many people live in the customer's household.
func (t *Tx) SetPersons(ctx context.Context, persons int) error {
	if err := (vending.Usage{Persons: persons}).Valid(); err != nil {
		return err
	}
	_, err := t.tx.Exec(ctx, `update customer set persons = $2 where no = $1`, t.Customer.No, persons)
	if err != nil {
		return refusal(err)
	}
	t.Changed("persons", persons)
	return nil
}

// Tariff returns the version of the customer's price list that is in force at this
// transaction's instant, or vending.ErrNoTariff or ErrNotInForce.
func (t *Tx) Tariff(ctx context.Context) (vending.Tariff, error) {
	versions, err := t.Versions(ctx)
	if err != nil {
		return vending.Tariff{}, err
	}
	return versions.InForce(t.Now)
}
