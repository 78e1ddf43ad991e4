package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/bulk"
)

var books = pgtest.Template(func(ctx context.Context, dsn string) error {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := fs.Sub(ledger.Migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
})

// open returns new, empty books.
func open(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := connect(books.New(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// connect connects as the service does.
func connect(dsn string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	config.AfterConnect = bulk.Register
	return pgxpool.NewWithConfig(context.Background(), config)
}

// apply makes transfers in a transaction of their own. Whoever was first in the
// book makes the other come again.
func apply(pool *pgxpool.Pool, transfers ...ledger.Transfer) error {
	ctx := context.Background()
	for {
		err := pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error { return applyIn(ctx, tx, transfers...) })
		if !errors.Is(err, ledger.ErrStale) {
			return err
		}
	}
}

// applyIn makes each transfer a link of its own.
func applyIn(ctx context.Context, tx pgx.Tx, transfers ...ledger.Transfer) error {
	for _, t := range transfers {
		var now time.Time
		if err := tx.QueryRow(ctx, `select ledger_now()`).Scan(&now); err != nil {
			return err
		}
		head, err := ledger.HeadOf(ctx, tx, t.Customer)
		if err != nil {
			return err
		}
		link := head.Next(ledger.Record{ID: uuid.New(), Kind: "test", Who: "tester", Detail: "{}", At: noon, Recorded: now}, 202603, t)
		if err := ledger.Append(ctx, tx, link); err != nil {
			return err
		}
	}
	return nil
}

func mustApply(t testing.TB, pool *pgxpool.Pool, transfers ...ledger.Transfer) {
	t.Helper()
	if err := apply(pool, transfers...); err != nil {
		t.Fatal(err)
	}
}

func refused(t testing.TB, want error, pool *pgxpool.Pool, transfers ...ledger.Transfer) {
	t.Helper()
	if err := apply(pool, transfers...); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

// who is the customer of a test that needs only one.
const who = 1001

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func move(kind ledger.Kind, from, to ledger.Account, amount ledger.Amount) ledger.Transfer {
	return ledger.Transfer{Customer: who, ID: uuid.New(), Kind: kind, Debit: from, Credit: to, Amount: amount, Cause: uuid.New(), At: noon}
}

// settle posts or voids a pended transfer.
func settle(kind ledger.Kind, pended ledger.Transfer) ledger.Transfer {
	return pended.Settle(kind, uuid.New(), noon)
}

func litres(n int64) ledger.Amount { return ledger.Amount{N: n, Commodity: ledger.Litre} }

// wantBalance checks posted, incoming and outgoing of an account.
func wantBalance(t testing.TB, pool *pgxpool.Pool, a ledger.Account, c ledger.Commodity, posted, in, out int64) {
	t.Helper()
	got, err := ledger.BalanceOf(t.Context(), pool, who, a, c)
	want := ledger.Balance{Customer: who, Account: a, Commodity: c, Posted: posted, Incoming: in, Outgoing: out}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

// wantClean checks the whole book and that a trial balance sums to zero.
func wantClean(t testing.TB, pool ledger.Tx) {
	t.Helper()
	found, err := ledger.Check(context.Background(), pool)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
	trial, err := ledger.Trial(context.Background(), pool)
	if err != nil {
		t.Fatal(err)
	}
	sum := map[ledger.Commodity]int64{}
	for _, b := range trial {
		sum[b.Commodity] += b.Posted
		sum[b.Commodity+" pending"] += b.Incoming - b.Outgoing
	}
	for c, n := range sum {
		if n != 0 {
			t.Errorf("the trial balance of %s is off by %d", c, n)
		}
	}
}

func count(t testing.TB, pool *pgxpool.Pool, sql string) (n int) {
	t.Helper()
	if err := pool.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
