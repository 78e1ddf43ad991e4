package counter_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

var (
	chief   = vending.Actor{Staff: "chief", Role: vending.RoleSupervisor, From: "test"}
	finance = vending.Actor{Staff: "finance", Role: vending.RoleFinance, From: "test"}
)

// office is a company's books without cards: what tills and invoices are about.
type office struct {
	*counter.Desk
	dsn string
	sql *pgxpool.Pool
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{dsn: books.New(t)}
	s, err := store.Open(t.Context(), o.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	o.Desk = &counter.Desk{Store: s, Now: time.Now}
	if o.sql, err = pgxpool.New(t.Context(), o.dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.sql.Close)
	return o
}

// by runs SQL past the store.
func (o *office) by(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := o.sql.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

func (o *office) hires(t testing.TB, codes ...string) {
	t.Helper()
	for _, code := range codes {
		o.by(t, `insert into staff (code, name, role) values ($1, $1, 'cashier')`, code)
	}
}

// deed is something that somebody does.
func deed(by vending.Actor) vending.Deed {
	return vending.Deed{ID: uuid.Must(uuid.NewV7()), By: by}
}

// opens is a shift that somebody has opened.
func (o *office) opens(t testing.TB, by vending.Actor, till string) vending.Shift {
	t.Helper()
	s, done, err := o.OpenShift(t.Context(), deed(by), counter.ShiftOpening{Till: till, Safe: "main"})
	if err != nil || !done {
		t.Fatal(done, err)
	}
	return s
}

// family is a customer with a card.
type family struct {
	*office
	no     int64
	card   vending.Card
	sales  uint32
	before func() // what happens in a sale that has found its shift open
}

var gas = vending.Tariff{Code: "gas-residential", From: vending.PeriodStart(200001), Commodity: ledger.Litre, Tiers: []vending.Tier{{PriceFen: 263}}, Step: 10}

func (o *office) family(t testing.TB, no int64) *family {
	t.Helper()
	c := vending.Customer{No: no, Name: "王芳", Status: vending.InService, Tariff: gas.Code}
	m := vending.Meter{No: fmt.Sprintf("%014d", no), Commodity: ledger.Litre, MaxCredit: 1_000_000_000}
	if _, err := o.Store.AddCustomer(t.Context(), c, m, vending.Deed{ID: uuid.New(), Kind: "customer opened", By: clerk}); err != nil {
		t.Fatal(err)
	}
	f := &family{office: o, no: no}
	err := o.Store.ForCustomer(t.Context(), no, vending.Deed{ID: uuid.New(), Kind: "test", By: clerk}, func(tx *store.Tx) (err error) {
		f.card, err = tx.AddCard(t.Context(), vending.Card{UID: fmt.Appendf(nil, "u%07d", no), Customer: no, Meter: m.No, KeyVersion: 1}, tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// opened is a purchase of 200 yuan at a shift that has taken the money and no more.
func (f *family) opened(ctx context.Context, shift string, by vending.Means) (vending.Purchase, error) {
	return f.paid(ctx, shift, vending.Payment{Means: by})
}

func (f *family) paid(ctx context.Context, shift string, by vending.Payment) (vending.Purchase, error) {
	q, err := gas.Quote(20000, vending.Usage{})
	if err != nil {
		return vending.Purchase{}, err
	}
	f.sales++
	p := vending.Purchase{ID: uuid.New(), Customer: f.no, Card: f.card.No, Meter: f.card.Meter, Count: f.sales, Means: by.Means, Bank: by.Bank, Reference: by.Reference, Till: shift,
		Tariff: gas, VAT: 900, Quote: q, Total: int64(f.sales) * q.Credit.N, State: vending.Pending, Attempt: 1, Opened: time.Now()}
	err = f.Store.ForCustomer(ctx, f.no, vending.Deed{ID: p.ID, Kind: "purchase opened", By: clerk}, func(tx *store.Tx) error {
		if err := tx.UseShift(ctx, shift); err != nil {
			return err
		}
		if f.before != nil {
			f.before()
		}
		return tx.AddPurchase(ctx, p)
	})
	return p, err
}

// bought is a purchase that ended well.
func (f *family) bought(t testing.TB, shift string, by vending.Means) vending.Purchase {
	t.Helper()
	p, err := f.opened(t.Context(), shift, by)
	if err != nil {
		t.Fatal(err)
	}
	return f.ends(t, p, vending.ProvedLoaded)
}

func (f *family) ends(t testing.TB, p vending.Purchase, how vending.Event) vending.Purchase {
	t.Helper()
	err := f.Store.ForCustomer(t.Context(), f.no, vending.Deed{ID: uuid.New(), Kind: "purchase settled", By: clerk}, func(tx *store.Tx) (err error) {
		p, err = tx.Settle(t.Context(), p, how, vending.ByCard, "", tx.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// trial is what every account holds, debits less credits, from the transfers.
func (o *office) trial(t testing.TB) map[string]int64 {
	t.Helper()
	rows, err := o.sql.Query(t.Context(), `select account, sum(n)::bigint from (
		select debit as account, amount as n from ledger_transfer where commodity = 'CNY' and kind in ('single', 'post')
		union all select credit, -amount from ledger_transfer where commodity = 'CNY' and kind in ('single', 'post')) side
		group by account having sum(n) <> 0`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	held := map[string]int64{}
	for rows.Next() {
		var account string
		var n int64
		if err := rows.Scan(&account, &n); err != nil {
			t.Fatal(err)
		}
		held[account] = n
	}
	return held
}

func (o *office) wantClean(t testing.TB) {
	t.Helper()
	found, err := o.Store.CheckBooks(t.Context())
	if err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

func wantErr(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
