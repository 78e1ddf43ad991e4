package store

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// FallDue books, in this deed, the fixed charges of the customer's price list that
// fell due until a day and were not booked yet, and returns them. Whatever changes
// the status or the party does so first (Arrears): so all that is not booked is of
// this party, and of a time in this status.
func (t *Tx) FallDue(ctx context.Context, rules vending.LifeRules, until vending.Date, cause uuid.UUID) ([]vending.Charge, error) {
	raised, through, err := fallsDue(ctx, t.tx, t.Customer, rules, until, t.Now)
	if err != nil || through >= until {
		return nil, err
	}
	for _, c := range raised {
		if err := t.raise(ctx, c, cause); err != nil {
			return nil, err
		}
	}
	_, err = t.tx.Exec(ctx, `update customer set fixed_through = $2 where no = $1`, t.Customer.No, until.UTC())
	return raised, err
}

// Unbooked lists the fixed charges of a customer that fell due until a day and were not
// booked yet, as FallDue would book them now.
func (s *Store) Unbooked(ctx context.Context, c vending.Customer, rules vending.LifeRules, until vending.Date, now time.Time) ([]vending.Charge, error) {
	list, _, err := fallsDue(ctx, s.pool, c, rules, until, now)
	return list, refusal(err)
}

// fallsDue is what is not booked of a customer's fixed charges until a day, and through which day they were.
func fallsDue(ctx context.Context, q querier, c vending.Customer, rules vending.LifeRules, until vending.Date, now time.Time) (due []vending.Charge, through vending.Date, err error) {
	var midnight time.Time
	if err := q.QueryRow(ctx, `select fixed_through from customer where no = $1`, c.No).Scan(&midnight); err != nil {
		return nil, 0, err
	}
	through = vending.DateOfUTC(midnight)
	if through >= until || !slices.Contains(vending.FixedStatuses(), c.Status) {
		return nil, through, nil
	}
	versions, err := priceList(ctx, q, c.Tariff)
	if err != nil {
		return nil, through, err
	}
	for _, d := range versions.FixedDue((through + 1).Midnight(), (until + 1).Midnight()) {
		due = append(due, d.Charge(c.No, now, rules.Arrears.DueDays))
	}
	return due, through, nil
}

// FixedOwing lists the customers, in the order of their numbers and after one, of
// whose price list a fixed charge fell due until a day that is not booked yet.
func (s *Store) FixedOwing(ctx context.Context, until vending.Date, after int64, limit int) ([]int64, error) {
	all, err := s.Tariffs(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	var days []time.Time
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].Code == all[0].Code {
			n++
		}
		if last, ok := vending.Versions(all[:n]).LastDue(until); ok {
			codes, days = append(codes, all[0].Code), append(days, last.UTC())
		}
		all = all[n:]
	}
	list, err := column[int64](ctx, s.pool, `select c.no from customer c join unnest($1::text[], $2::date[]) as last (code, day) on last.code = c.tariff
		where c.fixed_through < last.day and c.status = any($3) and c.no > $4 order by c.no limit $5`,
		codes, days, vending.FixedStatuses(), after, limit)
	return list, refusal(err)
}
