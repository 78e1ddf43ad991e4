package intake_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

var books = pgtest.Template(func(ctx context.Context, dsn string) error {
	s, err := store.Open(ctx, dsn)
	if err != nil {
		return err
	}
	defer s.Close()
	by, err := s.Actor(ctx, "clerk", "test")
	if err != nil {
		return err
	}
	return s.ForCompany(ctx, vending.Deed{Kind: "shift open", By: by}, func(tx *store.Tx) error {
		_, err := tx.AddShift(ctx, vending.Shift{Till: "1", Cashier: "clerk", State: vending.ShiftOpen}, uuid.New())
		return err
	})
})

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	gas  = vending.Tariff{Code: "gas-residential", From: vending.PeriodStart(200001), Commodity: ledger.Litre, Tiers: []vending.Tier{{PriceFen: 263}}, Step: 10}
)

var opening = vending.Deed{Kind: "test", By: vending.Actor{Staff: "clerk", Role: vending.RoleCashier}}

// bought is what one of this test's purchases buys, in litres.
const bought = 76040

// household is a customer with a meter and a card.
type household struct {
	*store.Store
	no    int64
	meter vending.Meter
	card  vending.Card
}

func open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), books.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// must ends the test, of whichever kind, on an error.
func must(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func newHousehold(t interface{ Fatal(...any) }, s *store.Store, no int64) *household {
	ctx := context.Background()
	h := &household{Store: s, no: no, meter: vending.Meter{No: fmt.Sprintf("1%013d", no), Commodity: ledger.Litre, MaxCredit: 1e9}}
	_, err := s.AddCustomer(ctx, vending.Customer{No: no, Name: "王芳", Status: vending.InService, Tariff: gas.Code}, h.meter, opening)
	must(t, err)
	must(t, s.ForCustomer(ctx, no, opening, func(tx *store.Tx) (err error) {
		h.card, err = tx.AddCard(ctx, vending.Card{UID: fmt.Appendf(nil, "uid%05d", no), Customer: no, Meter: h.meter.No}, noon)
		return err
	}))
	return h
}

// pend sells; the purchase is pending.
func (h *household) pend(t interface{ Fatal(...any) }, n uint32) vending.Purchase {
	ctx := context.Background()
	id := uuid.New()
	f, err := h.Facts(ctx, store.Asked{UID: h.card.UID, ID: id, Till: "1", Staff: "clerk"})
	must(t, err)
	f.Card.State = vending.CardActive // never issued: there is no chip
	p, err := f.Sell(vending.Sale{ID: id, MoneyFen: 20000, Payment: vending.Payment{Means: vending.Cash},
		Shows: vending.Shown{Count: f.Count, Total: f.Total, Commodity: ledger.Litre}}, 1e12)
	must(t, err)
	if p.Count != n {
		t.Fatal("it is purchase ", p.Count)
	}
	_, err = h.Store.Open(ctx, f, p, opening)
	must(t, err)
	return p
}

// sell sells and settles.
func (h *household) sell(t interface{ Fatal(...any) }, n uint32) {
	p := h.pend(t, n)
	must(t, h.ForCustomer(context.Background(), h.no, opening, func(tx *store.Tx) error {
		_, err := tx.Settle(context.Background(), p, vending.ProvedLoaded, vending.ByCard, "", noon)
		return err
	}))
}

func (h *household) report(minute int, loaded, consumed int64) vending.Report {
	return vending.Report{Customer: h.no, Meter: h.meter.No, Source: vending.OverWire, MeterTime: noon.Add(time.Duration(minute) * time.Minute),
		Loaded: loaded, Remaining: max(0, loaded-consumed), Consumed: consumed, Resolution: 1, ValveOpen: true, Agreed: true}
}

func (h *household) take(t interface{ Fatal(...any) }, r vending.Report) intake.Result {
	res, err := intake.Take(context.Background(), h.Store, r, noon)
	must(t, err)
	return res
}

// wantBooks checks what is on the card, in the meter and burnt, and everything else.
func (h *household) wantBooks(t *testing.T, onCard, inMeter, consumed int64) {
	t.Helper()
	for _, s := range h.statements(t) {
		if b := s.Books; b.OnCard.N != onCard || b.InMeter.N != inMeter || b.Consumed.N != consumed {
			t.Errorf("on the card %d, in the meter %d, burnt %d; want %d, %d, %d",
				b.OnCard.N, b.InMeter.N, b.Consumed.N, onCard, inMeter, consumed)
		}
	}
	wantClean(t, h.Store)
}

func (h *household) statements(t interface{ Fatal(...any) }) (all []store.Statement) {
	must(t, h.Statements(context.Background(), h.meter.No, func(s store.Statement) error { all = append(all, s); return nil }))
	return all
}

func wantClean(t interface {
	Fatal(...any)
	Error(...any)
}, s *store.Store) {
	found, err := s.CheckBooks(context.Background())
	must(t, err)
	for _, v := range found {
		t.Error(v)
	}
}

func TestReportIsTakenOnce(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	r := h.report(0, bought, 1200)
	if res := h.take(t, r); !res.New || res.Settled != nil {
		t.Errorf("%+v", res)
	}
	for range 2 {
		if res := h.take(t, r); res.New {
			t.Errorf("%+v", res)
		}
	}
	h.wantBooks(t, 0, bought-1200, 1200)
}

func TestReportIsTakenOnceByMany(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.pend(t, 1)
	r := h.report(0, bought, 1200)
	var fresh, settled atomic.Int32
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			res, err := intake.Take(t.Context(), h.Store, r, noon)
			if err != nil {
				t.Error(err)
			}
			if res.New {
				fresh.Add(1)
			}
			if res.Settled != nil {
				settled.Add(1)
			}
		})
	}
	done.Wait()
	if fresh.Load() != 1 || settled.Load() != 1 {
		t.Errorf("new to %d, settled by %d", fresh.Load(), settled.Load())
	}
	h.wantBooks(t, 0, bought-1200, 1200)
}

// The purchase that the card write left in doubt is settled by the meter that took it.
func TestMeterProvesPending(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	p := h.pend(t, 2)
	for minute, loaded := range []int64{0, bought, 2*bought - 1, 2*bought + 1} {
		if res := h.take(t, h.report(minute, loaded, 0)); res.Settled != nil {
			t.Errorf("loaded %d settled it", loaded)
		}
	}
	res := h.take(t, h.report(9, 2*bought, 500))
	if res.Settled == nil || res.Settled.ID != p.ID || res.Settled.State != vending.Loaded || res.Settled.Proof != vending.ByMeter {
		t.Fatalf("%+v", res)
	}
	stored, err := h.Purchase(t.Context(), p.ID)
	if err != nil || stored.State != vending.Loaded || stored.Proof != vending.ByMeter || !stored.Settled.Equal(noon) {
		t.Errorf("%+v, %v", stored, err)
	}
	h.wantBooks(t, 0, 2*bought-500, 500)
}

// A meter that claims more than the card ever had gets no more than that.
func TestLyingMeter(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	h.pend(t, 2)
	if res := h.take(t, h.report(0, math.MaxInt64, 100)); res.Settled != nil {
		t.Errorf("%+v", res.Settled)
	}
	h.wantBooks(t, 0, bought-100, 100)
	// What it burnt is a fact, even where it never took it: the difference shows.
	h.take(t, h.report(1, math.MaxInt64, math.MaxInt64))
	h.wantBooks(t, 0, bought-math.MaxInt64, math.MaxInt64)
}

// A register that runs backwards, and an older report after a newer one, post nothing.
func TestOlderAndBackwards(t *testing.T) {
	t.Parallel()
	h := newHousehold(t, open(t), 1001)
	h.sell(t, 1)
	h.take(t, h.report(10, 50000, 1200))
	for _, r := range []vending.Report{h.report(11, 40000, 900), h.report(9, 45000, 1000), h.report(12, 50000, 1200), h.report(0, 0, 0)} {
		if res := h.take(t, r); !res.New {
			t.Errorf("%+v is a report all the same", r)
		}
		h.wantBooks(t, bought-50000, 48800, 1200)
	}
}

func TestReportOfNobodysMeter(t *testing.T) {
	t.Parallel()
	s := open(t)
	h, other := newHousehold(t, s, 1001), newHousehold(t, s, 1002)
	r := other.report(0, 1, 1)
	r.Customer = h.no
	if _, err := intake.Take(t.Context(), s, r, noon); !errors.Is(err, vending.ErrNoMeter) {
		t.Error(err)
	}
	r.Customer = 7
	if _, err := intake.Take(t.Context(), s, r, noon); !errors.Is(err, vending.ErrNoCustomer) {
		t.Error(err)
	}
	h.wantBooks(t, 0, 0, 0)
	other.wantBooks(t, 0, 0, 0)
}

// Whatever meters say between sales, in whatever order: the books hold, and credit
// is on the card, in the meter or burnt, and nowhere else.
func TestReportsBetweenSales(t *testing.T) {
	t.Parallel()
	s := open(t)
	var customers atomic.Int64
	rapid.Check(t, func(t *rapid.T) {
		h := newHousehold(t, s, customers.Add(1))
		sold := uint32(0)
		for minute := range rapid.IntRange(1, 8).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "sale") {
				sold++
				h.sell(t, sold)
				continue
			}
			figure := rapid.Int64Range(0, 4*bought)
			r := h.report(rapid.IntRange(0, minute).Draw(t, "minute"), figure.Draw(t, "loaded"), figure.Draw(t, "consumed"))
			r.Source = rapid.SampledFrom([]vending.Source{vending.OverWire, vending.WriteBack}).Draw(t, "source")
			h.take(t, r)
			h.take(t, r)
		}
		for _, st := range h.statements(t) {
			b := st.Books
			if b.OnCard.N < 0 || b.OnCard.N+b.InMeter.N+b.Consumed.N != int64(sold)*bought {
				t.Fatalf("%d sold, %+v", sold, b)
			}
		}
	})
	wantClean(t, s)
}
