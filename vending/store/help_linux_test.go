package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

var books = pgtest.Template(func(ctx context.Context, dsn string) error {
	s, err := store.Open(ctx, dsn)
	if err == nil {
		s.Close()
	}
	return err
})

// database is a store, and a way past it.
type database struct {
	*store.Store
	dsn string
	sql *pgxpool.Pool
}

func open(t testing.TB) *database {
	t.Helper()
	d := &database{dsn: books.New(t)}
	var err error
	if d.Store, err = store.Open(t.Context(), d.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Store.Close)
	if d.sql, err = pgxpool.New(t.Context(), d.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.sql.Close)
	return d
}

// by runs SQL past the store.
func (d *database) by(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := d.sql.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (d *database) wantClean(t testing.TB) {
	t.Helper()
	found, err := d.CheckBooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var (
	clerk   = vending.Actor{Staff: "clerk", Role: vending.RoleCashier, From: "test"}
	opening = vending.Deed{Kind: "customer opened", By: clerk}
)

var gas = priceList(`{"code":"gas-residential","class":"residential","from":"2000-01-01","commodity":"L","step":10,"tiers":[{"from":0,"price_fen":263}]}`)

func priceList(file string) vending.Tariff {
	t, err := vending.ParseTariff([]byte(file))
	if err != nil {
		panic(err)
	}
	return t
}

// household is a customer with a meter and a card.
type household struct {
	*database
	customer vending.Customer
	meter    vending.Meter
	card     vending.Card
}

func people(no int64) (vending.Customer, vending.Meter) {
	return vending.Customer{No: no, Name: "王芳", Address: "和平里 5-2-301", Status: vending.InService, Tariff: gas.Code},
		vending.Meter{No: fmt.Sprintf("1%013d", no), Commodity: ledger.Litre, MaxCredit: 1_000_000}
}

func (d *database) household(t testing.TB, no int64) *household {
	t.Helper()
	h := &household{database: d}
	h.customer, h.meter = people(no)
	if added, err := d.AddCustomer(t.Context(), h.customer, h.meter, opening); err != nil || !added {
		t.Fatal(added, err)
	}
	h.must(t, func(tx *store.Tx) (err error) {
		h.card = vending.Card{UID: fmt.Appendf(nil, "uid%05d", no), Customer: no, Meter: h.meter.No, KeyVersion: 1}
		if h.card, err = tx.AddCard(t.Context(), h.card, noon); err != nil {
			return err
		}
		h.card.State = vending.CardActive
		return tx.SetCardState(t.Context(), h.card.No, vending.CardActive)
	})
	return h
}

func (h *household) do(ctx context.Context, do func(*store.Tx) error) error {
	return h.ForCustomer(ctx, h.customer.No, vending.Deed{Kind: "test", By: clerk}, do)
}

func (h *household) must(t testing.TB, do func(*store.Tx) error) {
	t.Helper()
	if err := h.do(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// sale is the nth purchase of a household whose earlier ones were like it.
func (h *household) sale(n uint32) vending.Purchase {
	q, _ := gas.Quote(20000, vending.Usage{})
	return vending.Purchase{ID: uuid.New(), Customer: h.customer.No, Card: h.card.No, Meter: h.meter.No, Count: n,
		Means: vending.Cash, Till: "1", Tariff: gas, Quote: q, Total: int64(n) * q.Credit.N, State: vending.Pending, Opened: noon}
}

func (h *household) add(ctx context.Context, p vending.Purchase) error {
	return h.do(ctx, func(tx *store.Tx) error { return tx.AddPurchase(ctx, p) })
}

func (h *household) settle(t testing.TB, in vending.Purchase, e vending.Event, why string) vending.Purchase {
	t.Helper()
	var p vending.Purchase
	h.must(t, func(tx *store.Tx) (err error) {
		p, err = tx.Settle(t.Context(), in, e, vending.ByCard, why, noon.Add(time.Minute))
		return err
	})
	return p
}

// sold is a purchase that has ended well.
func (h *household) sold(t testing.TB, n uint32) vending.Purchase {
	t.Helper()
	p := h.sale(n)
	if err := h.add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return h.settle(t, p, vending.ProvedLoaded, "")
}

func (h *household) report(loaded, consumed int64) vending.Report {
	return vending.Report{Customer: h.customer.No, Meter: h.meter.No, Source: vending.OverWire, MeterTime: noon, Loaded: loaded,
		Remaining: loaded - consumed, Consumed: consumed, Resolution: 1, ValveOpen: true}
}

// take is what intake does with a report that proves nothing.
func (h *household) take(t testing.TB, r vending.Report) {
	t.Helper()
	h.must(t, func(tx *store.Tx) error {
		if added, err := tx.AddReport(t.Context(), r); err != nil || !added {
			return fmt.Errorf("added %t: %w", added, err)
		}
		b, err := tx.Books(t.Context(), h.meter)
		if err != nil {
			return err
		}
		return tx.Apply(t.Context(), r.Transfers(b)...)
	})
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

const racers = 8

// atOnce does something at the same time.
func atOnce(do func(i int)) {
	start := make(chan struct{})
	var done sync.WaitGroup
	for i := range racers {
		done.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	done.Wait()
}
