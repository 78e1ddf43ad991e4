package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// street is some households with a purchase each, read in the middle of March.
func (d *database) street(t testing.TB, n int) (all []*household) {
	t.Helper()
	d.on(t, time.March, 1, 0)
	for i := range n {
		h := d.household(t, int64(1001+i))
		h.taxed(t, 1)
		all = append(all, h)
	}
	at := d.on(t, time.March, 20, 0)
	for i, h := range all {
		h.read(t, at, int64(10_000+i))
	}
	d.on(t, time.April, 1, 9)
	return all
}

// A close that was broken off goes on where it stopped, and ends as if it never was.
func TestCloseIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	d := open(t)
	street := d.street(t, 7)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	small := func(o *store.CloseOptions) { o.Chunk, o.Workers = 2, 1 }
	_, err := d.close(ctx, 202603, small, func(o *store.CloseOptions) {
		o.Progress = func(done, all int64) {
			if all != 7 {
				t.Errorf("%d of %d", done, all)
			}
			if done == 4 {
				cancel()
			}
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	var lines int
	if err := d.sql.QueryRow(t.Context(), `select count(*) from close_line`).Scan(&lines); err != nil || lines != 4 {
		t.Fatalf("%d lines, %v", lines, err)
	}
	d.wantClean(t)
	var told []int64
	month, err := d.close(t.Context(), 202603, small, func(o *store.CloseOptions) {
		o.Progress = func(done, _ int64) { told = append(told, done) }
	})
	if err != nil || month.Meters != 7 || month.Measured != 7 || len(told) != 4 || told[3] != 7 {
		t.Errorf("%+v, %v, %v", month, err, told)
	}
	var earned int64
	for i, h := range street {
		l := h.line(t, 202603)
		if want := int64(19_999) * int64(10_000+i) / 76_040; l.Month.Gross != want || h.prepaid(t) != 19_999-want {
			t.Errorf("%d: %+v, want %d", i, l, want)
		}
		earned += l.Month.Gross
	}
	if month.Earned.Gross != earned {
		t.Errorf("earned %d, the lines %d", month.Earned.Gross, earned)
	}
	d.wantClean(t)
}

// One closes, whoever comes second is told so; meanwhile customers buy.
func TestClosesAtOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	street := d.street(t, 8)
	results := make([]error, racers)
	atOnce(func(i int) {
		if i%2 == 0 {
			_, results[i] = d.close(t.Context(), 202603, func(o *store.CloseOptions) { o.Chunk = 3 })
			return
		}
		h := street[i]
		p := h.sale(2)
		p.Opened = time.Date(2026, time.April, 1, 9, 0, 0, 0, vending.Zone)
		results[i] = h.add(t.Context(), p)
	})
	closed := 0
	for i, err := range results {
		switch {
		case i%2 == 1 && err != nil:
			t.Errorf("a sale: %v", err)
		case i%2 == 0 && err == nil:
			closed++
		case i%2 == 0 && !errors.Is(err, vending.ErrMonthCloseRuns) && !errors.Is(err, vending.ErrRepeated):
			t.Error(err)
		}
	}
	if closed != 1 {
		t.Errorf("%d closed it: %v", closed, results)
	}
	d.wantClean(t)
}

// A dry run says what would be posted, and posts nothing.
func TestCloseDryRun(t *testing.T) {
	t.Parallel()
	d := open(t)
	street := d.street(t, 3)
	dry, err := d.close(t.Context(), 202603, func(o *store.CloseOptions) { o.DryRun = true })
	if err != nil || dry.Measured != 3 || street[0].prepaid(t) != 19_999 {
		t.Fatal(dry, err)
	}
	if month := d.mustClose(t, 202603); month.Earned != dry.Earned || month.Meters != dry.Meters {
		t.Errorf("%+v, want %+v", month, dry)
	}
}
