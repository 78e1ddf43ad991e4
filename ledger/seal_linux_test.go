package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
)

// link adds a link with some transfers to a book.
func link(t testing.TB, pool *pgxpool.Pool, book int64, kind string, transfers ...ledger.Transfer) ledger.Link {
	t.Helper()
	var l ledger.Link
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		var now time.Time
		if err := tx.QueryRow(t.Context(), `select ledger_now()`).Scan(&now); err != nil {
			return err
		}
		head, err := ledger.HeadOf(t.Context(), tx, book)
		if err != nil {
			return err
		}
		for i := range transfers {
			transfers[i].Customer = book
		}
		l = head.Next(ledger.Record{ID: uuid.New(), Kind: kind, Who: "clerk", From: "hall-1", Approved: "chief", Why: "理由",
			Request: ledger.Hash{1, 2}, Detail: `{"n":1}`, At: noon, Recorded: now}, 202603, transfers...)
		return ledger.Append(t.Context(), tx, l)
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func seal(t testing.TB, pool *pgxpool.Pool) (s ledger.Sealed, ok bool) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) (err error) {
		var now time.Time
		if err = tx.QueryRow(t.Context(), `select ledger_now()`).Scan(&now); err == nil {
			s, ok, err = ledger.Seal(t.Context(), tx, now)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, ok
}

// verify is what Verify finds in one snapshot.
func verify(t testing.TB, pool *pgxpool.Pool) (r ledger.Report) {
	t.Helper()
	err := pgx.BeginTxFunc(t.Context(), pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		r, err = ledger.Verify(t.Context(), tx, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantVerified(t testing.TB, r ledger.Report, links, seals, unsealed int64) {
	t.Helper()
	if !r.Clean() {
		t.Error(r.Breaks, r.Violations)
	}
	if r.Links != links || r.Seals != seals || r.Last.No != seals || r.Unsealed != unsealed {
		t.Errorf("got %+v, want %d links, %d seals, %d unsealed", r, links, seals, unsealed)
	}
}

// A seal covers what the one before it did not; where there is nothing, there is none.
func TestSealCoversWhatIsNew(t *testing.T) {
	t.Parallel()
	pool := open(t)
	if s, ok := seal(t, pool); ok || s.No != 0 {
		t.Error("empty books were sealed", s)
	}
	wantVerified(t, verify(t, pool), 0, 0, 0)
	for _, book := range []int64{0, 7, 7, 9} {
		link(t, pool, book, "test")
	}
	wantVerified(t, verify(t, pool), 4, 0, 4)
	first, ok := seal(t, pool)
	if !ok || first.No != 1 || first.Links != 4 {
		t.Error(first, ok)
	}
	if again, ok := seal(t, pool); ok || again != first {
		t.Error(again, "was made of nothing, or is not the last one:", first)
	}
	link(t, pool, 9, "test")
	link(t, pool, 8, "test")
	wantVerified(t, verify(t, pool), 6, 1, 2)
	if second, ok := seal(t, pool); !ok || second.No != 2 || second.Links != 2 || count(t, pool, `select count(*) from ledger_leaf where seal_no = 2`) != 2 {
		t.Error(second, ok)
	}
	r := verify(t, pool)
	wantVerified(t, r, 6, 2, 0)
	found, err := ledger.SealOf(t.Context(), pool, first.Hash)
	if err != nil || found != first {
		t.Error(found, err)
	}
	if other, err := ledger.SealOf(t.Context(), pool, ledger.Hash{}); err != nil || other.No != 0 {
		t.Error(other, err)
	}
}

// Many books are sealed some at a time, and nothing between two portions is lost.
func TestSealAndVerifyManyBooks(t *testing.T) {
	t.Parallel()
	const books = 4100
	pool := open(t)
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		var now time.Time
		if err := tx.QueryRow(t.Context(), `select ledger_now()`).Scan(&now); err != nil {
			return err
		}
		return ledger.Append(t.Context(), tx, manyLinks(1, books, now)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := seal(t, pool); !ok || s.Links != books {
		t.Error(s, ok)
	}
	wantVerified(t, verify(t, pool), books, 1, 0)
}

// manyLinks is one link with two transfers in each of n books.
func manyLinks(first int64, n int, now time.Time) []ledger.Link {
	links := make([]ledger.Link, n)
	for i := range links {
		book := first + int64(i)
		paid := move(ledger.Single, ledger.Till("1"), ledger.Advance(book), ledger.Fen(20000))
		sold := move(ledger.Pend, ledger.Sold, ledger.Card(fmt.Sprint(book)), litres(70))
		paid.Customer, sold.Customer = book, book
		links[i] = ledger.Head{Book: book}.Next(ledger.Record{ID: uuid.New(), Kind: "purchase opened", Who: "clerk", From: "hall-1",
			Detail: `{"purchase":1}`, At: noon, Recorded: now}, 202603, paid, sold)
	}
	return links
}

// Sealers take turns: of those who come at once, one seals, and the others find it done.
func TestSealersTakeTurns(t *testing.T) {
	t.Parallel()
	pool := open(t)
	link(t, pool, 7, "test")
	ended := atOnce(racers, func(int) error {
		return pgx.BeginFunc(context.Background(), pool, func(tx pgx.Tx) error {
			_, _, err := ledger.Seal(context.Background(), tx, time.Now())
			return err
		})
	})
	wantEnds(t, ended, map[error]int{nil: racers})
	wantVerified(t, verify(t, pool), 1, 1, 0)
}

// A transaction that was open while others were sealed is in the next seal, and so is
// what was written by a clock that had been put back.
func TestSealCoversWhoWasLate(t *testing.T) {
	t.Parallel()
	pool := open(t)
	late, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback(t.Context())
	if err := applyIn(t.Context(), late, move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(5))); err != nil {
		t.Fatal(err)
	}
	link(t, pool, 7, "test")
	seal(t, pool)
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, ok := seal(t, pool); !ok || s.Links != 1 {
		t.Error(s, ok)
	}
	exec(t, pool, `create or replace function ledger_now() returns timestamptz language sql stable as 'select now() - interval ''9 days'''`)
	link(t, pool, 8, "test")
	if s, ok := seal(t, pool); !ok || s.Links != 1 {
		t.Error(s, ok)
	}
	wantVerified(t, verify(t, pool), 3, 3, 0)
}

func exec(t testing.TB, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestParseHash(t *testing.T) {
	t.Parallel()
	h := ledger.Hash{0xab, 0xcd, 31: 0x01}
	printed := h.String()
	for _, s := range []string{printed, strings.ToUpper(printed), " " + printed[:8] + " " + printed[8:] + "\n"} {
		if got, err := ledger.ParseHash(s); err != nil || got != h {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"", printed[:62], printed + "00", "x" + printed[1:]} {
		if got, err := ledger.ParseHash(s); err == nil {
			t.Errorf("%q is taken for %v", s, got)
		}
	}
}
