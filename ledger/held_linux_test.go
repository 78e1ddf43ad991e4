package ledger_test

import (
	"context"
	"maps"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/ledger"
)

// What tills hold is what was moved, not what was pended; other tills, books and commodities do not count.
func TestTillsAreSummed(t *testing.T) {
	t.Parallel()
	pool := open(t)
	drawer, mobile, other, safe := ledger.Till("1-1"), ledger.Till("1-1/mobile"), ledger.Till("1-11"), ledger.Safe("main")
	move := func(book int64, debit, credit ledger.Account, fen int64) ledger.Transfer {
		return ledger.Transfer{Customer: book, ID: uuid.New(), Kind: ledger.Single, Debit: debit, Credit: credit, Amount: ledger.Fen(fen),
			Cause: uuid.New(), At: noon}
	}
	pend := move(7, drawer, ledger.Advance(7), 5)
	pend.Kind = ledger.Pend
	posted := move(8, drawer, ledger.Advance(8), 11)
	posted.Kind = ledger.Pend
	post := move(8, drawer, ledger.Advance(8), 11)
	post.Kind, post.Pend = ledger.Post, posted.ID
	mustApply(t, pool, move(0, drawer, safe, 1000), move(7, drawer, ledger.Advance(7), 200), move(7, ledger.Advance(7), drawer, 30),
		move(8, mobile, ledger.Advance(8), 40), move(8, other, ledger.Advance(8), 999), pend, posted, post)
	held, err := ledger.InTills(t.Context(), pool, drawer, mobile, ledger.Till("2-1"))
	if want := map[ledger.Account]int64{drawer: 1000 + 200 - 30 + 11, mobile: 40}; err != nil || !maps.Equal(held, want) {
		t.Errorf("%v, want %v, %v", held, want, err)
	}
	held, err = ledger.InBook(t.Context(), pool, 0, safe, drawer, ledger.Bank("main"))
	if want := map[ledger.Account]int64{safe: -1000, drawer: 1000}; err != nil || !maps.Equal(held, want) {
		t.Errorf("%v, want %v, %v", held, want, err)
	}
	flows, err := ledger.TillFlows(t.Context(), pool, drawer, mobile)
	want := []ledger.Flow{{drawer, 7, 2, 200, 30}, {drawer, 8, 1, 11, 0}, {mobile, 8, 1, 40, 0}}
	if err != nil || len(flows) != 3 || flows[0] != want[0] || flows[1] != want[1] || flows[2] != want[2] {
		t.Errorf("%v, want %v, %v", flows, want, err)
	}
}

// A shift is summed on the indexes of tills, however large the book is.
func TestTillsAreSummedOnTheirIndexes(t *testing.T) {
	t.Parallel()
	pool := open(t)
	spy := &plans{Tx: pool}
	if _, err := ledger.InTills(t.Context(), spy, ledger.Till("1-1")); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.TillFlows(t.Context(), spy, ledger.Till("1-1")); err != nil {
		t.Fatal(err)
	}
	for _, sql := range spy.asked {
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(t.Context())
		if _, err := tx.Exec(t.Context(), `set local enable_seqscan = off`); err != nil {
			t.Fatal(err)
		}
		rows, err := tx.Query(t.Context(), `explain `+strings.ReplaceAll(sql, "$1", `array['till:1-1']`))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		plan := strings.Join(lines, "\n")
		if err != nil || !strings.Contains(plan, "transfer_into_till") || !strings.Contains(plan, "transfer_out_of_till") {
			t.Errorf("%s\n%s, %v", sql, plan, err)
		}
	}
}

// plans keeps what is asked.
type plans struct {
	ledger.Tx
	asked []string
}

func (p *plans) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	p.asked = append(p.asked, sql)
	return p.Tx.Query(ctx, sql, args...)
}
