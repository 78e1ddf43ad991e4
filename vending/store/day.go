package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

// OpenMatters lists the purchases in doubt that the shifts of a till took money
// for (RULES B8); of every till where it is "".
func (s *Store) OpenMatters(ctx context.Context, till string) ([]vending.Matter, error) {
	found, err := openMatters(ctx, s.pool, till)
	return found, refusal(err)
}

// OpenMatters lists the purchases in doubt of a till.
func (t *Tx) OpenMatters(ctx context.Context, till string) ([]vending.Matter, error) {
	return openMatters(ctx, t.tx, till)
}

func openMatters(ctx context.Context, q querier, till string) ([]vending.Matter, error) {
	rows, err := q.Query(ctx, `select id, customer_no, card_no, money_fen, opened_at, doubt from purchase
		where state = 'pending' and ($1 = '' or split_part(till, '-', 1) = $1) order by opened_at, id`, till)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (vending.Matter, error) {
		m := vending.Matter{Kind: "purchase"}
		err := row.Scan(&m.ID, &m.Customer, &m.Card, &m.MoneyFen, &m.Since, &m.Doubt)
		return m, err
	})
}

// AddHandover keeps what both have signed; vending.ErrHandoverSigned where the
// shift was handed over before.
func (t *Tx) AddHandover(ctx context.Context, h vending.Handover) error {
	till, no, err := vending.ParseShift(h.Shift)
	if err != nil {
		return err
	}
	matters, err := json.Marshal(h.Matters)
	if err != nil {
		return err
	}
	tag, err := t.tx.Exec(ctx, `insert into handover (till, no, giver, taker, at, matters) values ($1, $2, $3, $4, $5, $6)
		on conflict on constraint handover_pkey do nothing`, till, no, h.From, h.To, h.At, matters)
	if err == nil && tag.RowsAffected() == 0 {
		return vending.ErrHandoverSigned.With("Shift", h.Shift)
	}
	t.Changed("handover", h)
	return err
}

// Handover is what was signed for a shift, or vending.ErrNoShift.
func (s *Store) Handover(ctx context.Context, shift string) (vending.Handover, error) {
	h := vending.Handover{Shift: shift}
	till, no, err := vending.ParseShift(shift)
	if err != nil {
		return h, err
	}
	var matters []byte
	err = s.pool.QueryRow(ctx, `select giver, taker, at, matters from handover where till = $1 and no = $2`, till, no).
		Scan(&h.From, &h.To, &h.At, &matters)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, vending.ErrNoShift.With("Shift", shift)
	}
	if err == nil {
		err = json.Unmarshal(matters, &h.Matters)
	}
	return h, refusal(err)
}

// span is a day in the company's time zone.
func span(d vending.Date) (from, until time.Time) {
	year, month, day := d.UTC().Date()
	from = time.Date(year, month, day, 0, 0, 0, 0, vending.Zone)
	return from, from.AddDate(0, 0, 1)
}

// DayClosed fails with vending.ErrDayClosed where a day is closed.
func (t *Tx) DayClosed(ctx context.Context, d vending.Date) error {
	var closed bool
	err := t.tx.QueryRow(ctx, `select exists (select from day where date = $1)`, d.UTC()).Scan(&closed)
	if err == nil && closed {
		return vending.ErrDayClosed.With("Date", d.String())
	}
	return err
}

// CloseDay closes a day: a second time is vending.ErrDayClosed, and
// vending.ErrShiftsOpen where a shift of that day or before it is not closed.
func (t *Tx) CloseDay(ctx context.Context, d vending.Date, by string, head []byte) error {
	if err := t.DayClosed(ctx, d); err != nil {
		return err
	}
	_, until := span(d)
	open, err := shiftsIn(ctx, t.tx, time.Time{}, until, true)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		var numbers []string
		for _, s := range open {
			numbers = append(numbers, s.Number())
		}
		return vending.ErrShiftsOpen.With("Date", d.String(), "Shifts", strings.Join(numbers, ", "))
	}
	matters, err := t.OpenMatters(ctx, "")
	if err != nil {
		return err
	}
	listed, err := json.Marshal(matters)
	if err != nil {
		return err
	}
	_, err = t.tx.Exec(ctx, `insert into day (date, state, closed_at, closed_by, matters, head) values ($1, 'closed', $2, $3, $4, $5)`,
		d.UTC(), t.Now, by, listed, append([]byte{}, head...))
	t.Changed("day", d.String())
	return err
}

// Day is the report of a day; its ClosedAt is zero where the day is not closed.
func (s *Store) Day(ctx context.Context, d vending.Date) (vending.Day, error) {
	report := vending.Day{Date: d}
	var matters []byte
	err := s.pool.QueryRow(ctx, `select closed_at, closed_by, matters, head from day where date = $1`, d.UTC()).
		Scan(&report.ClosedAt, &report.ClosedBy, &matters, &report.Head)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		report.Open, err = openMatters(ctx, s.pool, "")
	case err == nil:
		err = json.Unmarshal(matters, &report.Open)
	}
	if err != nil {
		return report, refusal(err)
	}
	if report.Shifts, err = s.ShiftsOf(ctx, d, false); err != nil {
		return report, err
	}
	report.Takings, err = takings(ctx, s.pool, report.Shifts)
	return report, refusal(err)
}

// takings sums what shifts took, by shift, means and the tariff of the customers.
func takings(ctx context.Context, q ledger.Tx, shifts []vending.Shift) ([]vending.Takings, error) {
	of := map[ledger.Account]vending.Takings{}
	var tills []ledger.Account
	for _, s := range shifts {
		for _, m := range vending.AllMeans {
			a := m.Account(s.Number())
			tills = append(tills, a)
			of[a] = vending.Takings{Shift: s.Number(), Cashier: s.Cashier, Means: m}
		}
	}
	flows, err := ledger.TillFlows(ctx, q, tills...)
	if err != nil || len(flows) == 0 {
		return nil, err
	}
	class, err := classes(ctx, q, flows)
	if err != nil {
		return nil, err
	}
	sum := map[[3]string]*vending.Takings{}
	var order []*vending.Takings
	for _, f := range flows {
		line := of[f.Till]
		line.Class = class[f.Customer]
		key := [3]string{line.Shift, string(line.Means), line.Class}
		if sum[key] == nil {
			sum[key] = &line
			order = append(order, &line)
		}
		sum[key].Count += f.Count
		sum[key].InFen += f.In
		sum[key].OutFen += f.Out
	}
	out := make([]vending.Takings, len(order))
	for i, line := range order {
		out[i] = *line
	}
	return out, nil
}

// classes is the tariff of each customer of some flows.
func classes(ctx context.Context, q querier, flows []ledger.Flow) (map[int64]string, error) {
	var customers []int64
	for _, f := range flows {
		customers = append(customers, f.Customer)
	}
	slices.Sort(customers)
	rows, err := q.Query(ctx, `select no, tariff from customer where no = any($1)`, slices.Compact(customers))
	if err != nil {
		return nil, err
	}
	of := map[int64]string{}
	var no int64
	var tariff string
	_, err = pgx.ForEachRow(rows, []any{&no, &tariff}, func() error { of[no] = tariff; return nil })
	return of, err
}
