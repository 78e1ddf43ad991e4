package store_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

func TestReportIsStoredOnce(t *testing.T) {
	t.Parallel()
	d := open(t)
	h, other := d.household(t, 1001), d.household(t, 1002)
	r := h.report(100, 7)
	other1 := r
	other1.Source = vending.WriteBack
	h.must(t, func(tx *store.Tx) error {
		for _, c := range []struct {
			report vending.Report
			want   bool
		}{{r, true}, {r, false}, {other1, true}, {other1, false}} {
			if added, err := tx.AddReport(t.Context(), c.report); err != nil || added != c.want {
				t.Error(added, err)
			}
		}
		return nil
	})
	err := h.do(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddReport(t.Context(), other.report(1, 1))
		return err
	})
	wantErr(t, err, vending.ErrNoMeter)
}

func TestBooksOfAMeter(t *testing.T) {
	t.Parallel()
	h := open(t).household(t, 1001)
	h.sold(t, 1)
	h.take(t, h.report(60000, 1200))
	if err := h.add(t.Context(), h.sale(2)); err != nil { // what is pended is not on the card
		t.Fatal(err)
	}
	l := func(n int64) ledger.Amount { return ledger.Amount{N: n, Commodity: ledger.Litre} }
	want := vending.Books{Card: h.card.No, OnCard: l(16040), InMeter: l(58800), Consumed: l(1200)}
	if s := h.statement(t); s.Books != want || !s.InDoubt || s.Customer != 1001 || s.Meter != h.meter {
		t.Errorf("%+v", s)
	}
}

// A statement has a meter's reports in the order in which they were heard.
func TestStatements(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	d.household(t, 1002)
	for i, r := range []vending.Report{h.report(10, 1), h.report(30, 3), h.report(20, 2), h.report(25, 2)} {
		r.MeterTime = noon.Add([]time.Duration{0, 2, 1, 1}[i] * time.Hour)
		if i == 3 {
			r.Source = vending.WriteBack
		}
		h.must(t, func(tx *store.Tx) error { _, err := tx.AddReport(t.Context(), r); return err })
	}
	s := h.statement(t)
	var heard []int64
	for _, r := range s.Reports {
		heard = append(heard, r.Loaded)
	}
	if !slices.Equal(heard, []int64{10, 30, 20, 25}) || s.Reports[3].Source != vending.WriteBack || s.InDoubt {
		t.Errorf("%+v", s)
	}
	var all []string
	err := d.Statements(t.Context(), "", func(s store.Statement) error { all = append(all, s.Meter.No); return nil })
	if err != nil || strings.Join(all, " ") != "10000000001001 10000000001002" {
		t.Error(all, err)
	}
	enough := errors.New("enough")
	wantErr(t, d.Statements(t.Context(), "", func(store.Statement) error { return enough }), enough)
	wantErr(t, d.Statements(t.Context(), "10000000009999", func(store.Statement) error { return nil }), vending.ErrNoMeter)
}

func TestBalancesAndTrial(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.household(t, 1001).sold(t, 1)
	balances, err := d.Balances(t.Context(), 1001)
	if err != nil || len(balances) != 3 {
		t.Error(balances, err)
	}
	trial, err := d.Trial(t.Context())
	if err != nil || len(trial) != 5 {
		t.Error(trial, err)
	}
}

func gauge(t *testing.T, r *prometheus.Registry, name string) (value float64, found bool) {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue(), true
		}
	}
	return 0, false
}

func TestHealth(t *testing.T) {
	t.Parallel()
	d := open(t)
	h := d.household(t, 1001)
	health := store.NewHealth(d.Store)
	r := prometheus.NewRegistry()
	r.MustRegister(health)
	if problems, err := testutil.GatherAndLint(r); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
	const age, imbalance = "vendgate_purchase_oldest_pending_age_seconds", "vendgate_ledger_imbalance"
	if v, ok := gauge(t, r, age); v != 0 || !ok {
		t.Errorf("nothing is pending: %v %t", v, ok)
	}
	p := h.sale(1)
	p.Opened = time.Now().Add(-time.Hour)
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if v, _ := gauge(t, r, age); v < 3600 || v > 3700 {
		t.Errorf("age %v", v)
	}
	if _, ok := gauge(t, r, imbalance); ok {
		t.Error("an imbalance before the first check")
	}
	d.by(t, `update purchase set total = total + 10`)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		health.Watch(ctx, time.Hour, time.Hour, slog.New(slog.NewTextHandler(io.Discard, nil)))
	}()
	for ctx.Err() == nil {
		if v, ok := gauge(t, r, imbalance); ok {
			if v != 1 {
				t.Errorf("imbalance %v", v)
			}
			break
		}
		runtime.Gosched()
	}
	cancel()
	<-ended
	d.Store.Close()
	if _, ok := gauge(t, r, age); ok {
		t.Error("an age without a database")
	}
}
