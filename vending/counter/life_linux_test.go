package counter_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
	"github.com/vendgate/vendgate/vending/store"
)

// lobby is a database with a clock that stands, and the clerk's shift 1-1.
type lobby struct {
	*counter.Desk
	t   testing.TB
	sql *pgxpool.Pool
}

const (
	liver     = 1001
	firstNo   = "10000000001001"
	secondNo  = "10000000001002"
	thirdNo   = "10000000001003"
	firstBuy  = 76_040 // 199.99 at 2.63
	firstCost = 19_999
)

func newLobby(t testing.TB) *lobby {
	t.Helper()
	h := emptyLobby(t)
	_, err := h.Store.AddCustomer(t.Context(), vending.Customer{No: liver, Name: "王芳", Status: vending.InService, Tariff: "gas-residential"},
		vending.Meter{No: firstNo, Commodity: ledger.Litre, MaxCredit: 2_000_000}, opening)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// emptyLobby has no customer yet.
func emptyLobby(t testing.TB) *lobby {
	t.Helper()
	dsn := books.New(t)
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h := &lobby{t: t, Desk: &counter.Desk{Store: s, Now: time.Now, Log: slog.New(slog.DiscardHandler), By: clerk}}
	if h.sql, err = pgxpool.New(t.Context(), dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.sql.Close)
	h.by(`insert into shift (till, no, cashier, state, opened_at) values ('1', 1, 'clerk', 'open', now())`)
	h.clock("2026-03-10T04:00:00Z")
	return h
}

func (h *lobby) by(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.sql.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatal(err)
	}
}

func (h *lobby) clock(at string) {
	h.t.Helper()
	h.by(fmt.Sprintf(`create or replace function ledger_now() returns timestamptz language sql stable as $$select timestamptz '%s'$$`, at))
}

// wants holds balances of the customer against what they must be, and the books.
func (h *lobby) wants(balances map[string]int64) {
	h.t.Helper()
	got, err := h.Store.Balances(h.t.Context(), liver)
	if err != nil {
		h.t.Fatal(err)
	}
	is := map[string]int64{}
	for _, b := range got {
		is[b.Account.String()] = b.Posted
	}
	for account, want := range balances {
		if is[account] != want {
			h.t.Errorf("%s: %d, want %d", account, is[account], want)
		}
	}
	found, err := h.Store.CheckBooks(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, v := range found {
		h.t.Error(v)
	}
}

// bought is a card with a purchase of 200.00 that its meter has taken, and burnt of.
func (h *lobby) bought(meter string, before int64, burnt int64) {
	h.t.Helper()
	deed := func(kind string) vending.Deed { return vending.Deed{Kind: kind, By: clerk} }
	var card vending.Card
	var p vending.Purchase
	err := h.Store.ForCustomer(h.t.Context(), liver, deed("card"), func(tx *store.Tx) (err error) {
		if card, err = tx.AddCard(h.t.Context(), vending.Card{UID: []byte(meter[6:]), Customer: liver, Meter: meter, KeyVersion: 1}, tx.Now); err != nil {
			return err
		}
		count, total, err := tx.LastLoaded(h.t.Context(), meter)
		if err != nil || count != 0 || total != before {
			return fmt.Errorf("count %d, total %d, want %d: %w", count, total, before, err)
		}
		tariff, err := tx.Tariff(h.t.Context())
		if err != nil {
			return err
		}
		q, err := tariff.Quote(20000, vending.Usage{})
		p = vending.Purchase{ID: uuid.New(), Customer: liver, Card: card.No, Meter: meter, Count: 1, Means: vending.Cash, Till: "1-1",
			Tariff: tariff, Quote: q, Total: before + q.Credit.N, State: vending.Pending, Attempt: 1, Opened: tx.Now, VAT: 900}
		if err != nil {
			return err
		}
		return tx.AddPurchase(h.t.Context(), p)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.Store.ForCustomer(h.t.Context(), liver, deed("purchase settled"), func(tx *store.Tx) error {
		_, err := tx.Settle(h.t.Context(), p, vending.ProvedLoaded, vending.ByCard, "", tx.Now)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if burnt < 0 {
		return // still on the card
	}
	_, err = intake.Take(h.t.Context(), h.Store, vending.Report{Customer: liver, Meter: meter, Source: vending.OverWire,
		MeterTime: time.Date(2026, 3, 10, 4, 0, 0, 0, time.UTC), Loaded: p.Total, Remaining: p.Total - burnt, Consumed: burnt, Resolution: 1}, time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *lobby) refuses(err, want error) {
	h.t.Helper()
	if !errors.Is(err, want) {
		h.t.Errorf("%v, want %v", err, want)
	}
}

func register(n int64) *int64 { return &n }

var cash = vending.Payment{Means: vending.Cash}
