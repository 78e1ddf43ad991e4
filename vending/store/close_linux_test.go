package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

var accountant = vending.Actor{Staff: "finance", Role: vending.RoleFinance, From: "test"}

// on sets the clock of the books.
func (d *database) on(t testing.TB, month time.Month, day, hour int) time.Time {
	t.Helper()
	now := time.Date(2026, month, day, hour, 0, 0, 0, vending.Zone)
	d.by(t, fmt.Sprintf(`create or replace function ledger_now() returns timestamptz language sql stable as 'select timestamptz ''%s'''`,
		now.Format(time.RFC3339)))
	return now
}

func (d *database) close(ctx context.Context, period int, change ...func(*store.CloseOptions)) (vending.Month, error) {
	if _, err := d.sql.Exec(ctx, `insert into life_rule (name, value)
		select 'season_' || to_char(month, 'FM00'), 1 from generate_series(1, 12) month on conflict do nothing`); err != nil {
		return vending.Month{}, err
	}
	o := store.DefaultCloseOptions()
	for _, c := range change {
		c(&o)
	}
	return d.CloseMonth(ctx, vending.Deed{By: accountant}, period, o)
}

func (d *database) mustClose(t testing.TB, period int) vending.Month {
	t.Helper()
	m, err := d.close(t.Context(), period)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// line is one meter's month as it is stored, and what its books say of it.
func (h *household) line(t testing.TB, period int) (l revenue.Line) {
	t.Helper()
	err := h.sql.QueryRow(t.Context(), `select basis, position_from, position, month_fen, month_vat_fen, paid_fen, earned_fen, earned_vat_fen, sold, used
		from close_line where customer_no = $1 and period = $2`, h.customer.No, period).Scan(&l.Basis, &l.Before.Position, &l.After.Position,
		&l.Month.Gross, &l.Month.VAT, &l.Paid, &l.After.Done.Gross, &l.After.Done.VAT, &l.Sold, &l.Used)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// taxed is a purchase with 9 % VAT that has ended well.
func (h *household) taxed(t testing.TB, n uint32) vending.Purchase {
	t.Helper()
	p := h.sale(n)
	p.VAT = 900
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return h.settle(t, p, vending.ProvedLoaded, "")
}

// prepaid is what the books have of the household, in fen.
func (h *household) prepaid(t testing.TB) int64 {
	t.Helper()
	b, err := ledger.BalanceOf(t.Context(), h.sql, h.customer.No, ledger.Prepaid(h.customer.No), ledger.CNY)
	if err != nil {
		t.Fatal(err)
	}
	return b.Posted
}

// read is a reading of the meter that is heard at once.
func (h *household) read(t testing.TB, at time.Time, used int64) {
	t.Helper()
	r := h.report(h.sale(1).Total, used)
	r.MeterTime, r.Remaining = at, max(0, r.Remaining)
	h.take(t, r)
}

// Sold in March, 76.04 m³ for 200.00; read on 31 March; estimated in April; measured in
// May below the estimate, so that revenue is taken back; in June a late reading.
func TestMonthsAreClosed(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.on(t, time.March, 1, 0)
	h := d.household(t, 1001)
	p := h.taxed(t, 1)
	h.read(t, d.on(t, time.April, 1, 0).Add(-time.Second), 31_000) // heard in April: of April
	d.mustClose(t, 202603)
	march := h.line(t, 202603)
	if march.Basis != revenue.None || march.Month.Gross != 0 || march.Sold != p.Total || march.Paid != 19_999 {
		t.Errorf("March: %+v", march)
	}

	d.on(t, time.May, 2, 9)
	april := d.mustClose(t, 202604)
	// The meter's clock said March: 31 m³ in 31 days, so 61 m³ by the end of April.
	l := h.line(t, 202604)
	gross := p.Quote.Cost * 61_000 / p.Total
	want := revenue.Sum{Gross: gross, VAT: revenue.VAT(gross, 900)}
	if l.Basis != revenue.Estimated || l.After.Position != 61_000 || l.Month != want || april.Earned != want || april.Estimated != 1 || april.Meters != 1 {
		t.Errorf("April: %+v, %+v, want %+v", l, april, want)
	}
	if h.prepaid(t) != p.Quote.Cost-gross {
		t.Errorf("prepaid is %d", h.prepaid(t))
	}

	h.read(t, d.on(t, time.May, 20, 9), 50_000)
	d.on(t, time.June, 1, 0)
	d.mustClose(t, 202605)
	if l = h.line(t, 202605); l.Basis != revenue.Measured || l.After.Position != 50_000 || l.Month.Gross != p.Quote.Cost*50_000/p.Total-gross || l.Month.Gross >= 0 {
		t.Errorf("May: %+v", l)
	}
	if h.prepaid(t) != l.Left() {
		t.Errorf("prepaid is %d, left are %d", h.prepaid(t), l.Left())
	}

	d.on(t, time.June, 20, 9)
	h.read(t, time.Date(2026, time.June, 19, 0, 0, 0, 0, vending.Zone), 90_000) // beyond what was sold
	d.on(t, time.July, 1, 9)
	june := d.mustClose(t, 202606)
	if l = h.line(t, 202606); l.After.Position != p.Total || l.Left() != 0 || h.prepaid(t) != 0 || june.Beyond != 1 {
		t.Errorf("June: %+v, %+v", l, june)
	}
	if got := l.After.Done.VAT; got != revenue.VAT(p.Quote.Cost, 900) {
		t.Errorf("the tax of the lot is %d", got)
	}
	wantPeriods(t, h)
	d.wantClean(t)
}

// wantPeriods looks that what was closed was posted into its month, though it was recorded in the next.
func wantPeriods(t testing.TB, h *household) {
	t.Helper()
	rows, err := h.sql.Query(t.Context(), `
		select period, extract(month from recorded_at at time zone 'Asia/Shanghai')::int, count(*)::int from ledger_transfer
		where customer_no = $1 and (split_part(debit, ':', 1) in ('revenue', 'vat', 'meter') or split_part(credit, ':', 1) in ('revenue', 'vat'))
		group by 1, 2 order by 1, 2`, h.customer.No)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r [3]int, err error) { return r, row.Scan(&r[0], &r[1], &r[2]) })
	want := [][3]int{{202604, 4, 1}, {202604, 5, 2}, {202605, 5, 1}, {202605, 6, 2}, {202606, 6, 1}, {202606, 7, 2}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
}

// Closed is closed: the same again changes nothing, and says what was done.
func TestMonthIsClosedOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.on(t, time.March, 1, 0)
	h := d.household(t, 1001)
	h.taxed(t, 1)
	h.read(t, d.on(t, time.March, 20, 0), 10_000)
	d.on(t, time.April, 1, 9)
	first := d.mustClose(t, 202603)
	before := h.prepaid(t)
	again, err := d.close(t.Context(), 202603)
	if !errors.Is(err, vending.ErrRepeated) || again != first || h.prepaid(t) != before || first.State != vending.MonthClosed {
		t.Errorf("%+v, %v, want %+v", again, err, first)
	}
	// What comes now is of April; and nobody posts into March.
	h.read(t, d.on(t, time.April, 2, 0), 12_000)
	err = h.do(t.Context(), func(tx *store.Tx) error {
		return tx.Apply(t.Context(), ledger.Transfer{Customer: 1001, ID: uuid.New(), Kind: ledger.Single, Debit: ledger.Prepaid(1001),
			Credit: ledger.Advance(1001), Amount: ledger.Fen(1), Cause: uuid.New(), Period: 202603})
	})
	wantErr(t, err, ledger.ErrClosed)
	_, err = d.sql.Exec(t.Context(), `update close_line set month_fen = 0`)
	if err == nil {
		t.Error("a line was changed")
	}
	d.wantClean(t)
}

func TestMonthIsNotClosedYet(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.on(t, time.March, 1, 0)
	h := d.household(t, 1001)
	h.taxed(t, 1)
	try := func(period int, want error) {
		t.Helper()
		_, err := d.close(t.Context(), period)
		wantErr(t, err, want)
	}
	d.on(t, time.March, 31, 23)
	try(202603, vending.ErrMonthNotEnded)
	d.on(t, time.May, 1, 0)
	try(202604, vending.ErrMonthBefore)
	try(202602, vending.ErrMonthPassed)
	d.by(t, `insert into shift values ('1', 17, 'clerk', 'closing', '2026-03-31 20:00+08')`)
	try(202603, vending.ErrMonthShifts)
	d.by(t, `update shift set opened_at = '2026-04-01 00:00+08'`)
	doubt := h.sale(2)
	doubt.Opened = time.Date(2026, 3, 31, 23, 59, 59, 0, vending.Zone)
	if err := h.add(t.Context(), doubt); err != nil {
		t.Fatal(err)
	}
	try(202603, vending.ErrMonthDoubts)
	h.settle(t, doubt, vending.ProvedLoaded, "") // recorded in May: a lot of May
	d.mustClose(t, 202603)
	if l := h.line(t, 202603); l.Paid != 19_999 {
		t.Errorf("%+v", l)
	}
	try(202604, vending.ErrMonthShifts)
	d.by(t, `delete from shift`)
	d.mustClose(t, 202604)
	try(202605, vending.ErrMonthNotEnded)
	d.on(t, time.June, 1, 0)
	d.mustClose(t, 202605)
	if l := h.line(t, 202605); l.Paid != 2*19_999 {
		t.Errorf("%+v", l)
	}
}

// An id that was used for something else is refused before anything is closed.
func TestCloseWithAnIDOfSomethingElse(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.on(t, time.March, 1, 0)
	d.household(t, 1001).taxed(t, 1)
	d.on(t, time.May, 1, 0)
	deed := vending.Deed{ID: uuid.New(), By: accountant}
	if _, err := d.CloseMonth(t.Context(), deed, 202603, store.DefaultCloseOptions()); err != nil {
		t.Fatal(err)
	}
	_, err := d.CloseMonth(t.Context(), deed, 202604, store.DefaultCloseOptions())
	wantErr(t, err, vending.ErrDeedReused)
	var lines int
	if err := d.sql.QueryRow(t.Context(), `select count(*) from close_line where period = 202604`).Scan(&lines); err != nil || lines != 0 {
		t.Error(lines, err)
	}
}
