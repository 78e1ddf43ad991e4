package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
)

// The names of the invariants, as an operator sees them.
const (
	replays  = "every balance is the sum of its transfers"
	holds    = "nothing is taken from an account that it does not hold"
	settles  = "a settled transfer moves what was pended"
	zeroSums = "all balances of a commodity sum to zero"
	bounds   = "every balance has the bounds of its class"
	locked   = "what was written is locked"
)

// soldOne makes books with money paid, credit posted and more credit pended.
func soldOne(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := open(t)
	cost := move(ledger.Pend, ledger.Advance(who), ledger.Prepaid(who), ledger.Fen(300))
	credit := move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(70))
	mustApply(t, pool, move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(500)),
		cost, credit, settle(ledger.Post, cost), settle(ledger.Post, credit),
		move(ledger.Pend, ledger.Sold, ledger.Card("1"), litres(9)))
	wantClean(t, pool)
	return pool
}

// Every way to tamper with the tables by hand is named, by each invariant that
// it breaks.
func TestCheckNamesWhatWasTampered(t *testing.T) {
	t.Parallel()
	pool := soldOne(t)
	unlocked := func(sql string) string {
		return `alter table ledger_transfer disable trigger transfer_never_changed; ` + sql +
			`; alter table ledger_transfer enable trigger transfer_never_changed`
	}
	const row = `insert into ledger_transfer (customer_no, id, kind, pend_id, debit, credit, commodity, amount, cause, occurred_at, seq, period, recorded_at) `
	for name, tamper := range map[string]struct {
		sql  string
		want []string
	}{
		"posted balance raised":   {`update ledger_balance set credits_posted = credits_posted + 1 where account = 'card:1'`, []string{replays, zeroSums}},
		"pending balance lowered": {`update ledger_balance set credits_pending = 0 where account = 'card:1'`, []string{replays}},
		"pending balance raised":  {`update ledger_balance set debits_pending = 1 where account = 'advance:1001'`, []string{replays}},
		"balance removed":         {`delete from ledger_balance where account = 'prepaid:1001'`, []string{replays, zeroSums}},
		"balance out of nothing":  {`insert into ledger_balance values (1001, 'card:2', 'L', true, 0, 5, 0, 0, false)`, []string{replays, zeroSums}},
		"two balances, evenly": {`update ledger_balance set credits_posted = credits_posted + 1 where account = 'prepaid:1001';
			update ledger_balance set debits_posted = debits_posted + 1 where account = 'advance:1001'`, []string{replays}},
		"balance given to another customer": {`update ledger_balance set customer_no = 7 where account = 'card:1'`, []string{replays}},
		"transfer without balance": {row + `values (1001, gen_random_uuid(), 'single', null, 'sold:all', 'card:1', 'L', 5, gen_random_uuid(), now(), 1, 202603, now())`,
			[]string{replays, zeroSums}},
		"transfer of what is not there": {row + `values (1001, gen_random_uuid(), 'single', null, 'prepaid:1001', 'advance:1001', 'CNY', 301, gen_random_uuid(), now(), 1, 202603, now());
			update ledger_balance set credits_posted = credits_posted + 301 where account = 'advance:1001';
			update ledger_balance set debits_posted = debits_posted + 301, bounded = false where account = 'prepaid:1001'`, []string{holds, bounds}},
		"bound lifted":                  {`update ledger_balance set bounded = false where account = 'prepaid:1001'`, []string{bounds}},
		"both sides raised":             {`update ledger_balance set credits_posted = credits_posted + 1, debits_posted = debits_posted + 1 where account = 'card:1'`, []string{replays}},
		"lock turned off":               {`alter table ledger_seal disable trigger seal_never_changed`, []string{locked}},
		"lock removed":                  {`drop trigger transfer_never_changed on ledger_transfer`, []string{locked}},
		"amount of a single changed":    {unlocked(`update ledger_transfer set amount = 501 where kind = 'single'`), []string{replays, zeroSums}},
		"amount of a pend changed":      {unlocked(`update ledger_transfer set amount = 71 where kind = 'pend' and amount = 70`), []string{replays, settles}},
		"amount of a post changed":      {unlocked(`update ledger_transfer set amount = 71 where kind = 'post' and amount = 70`), []string{replays, settles, zeroSums}},
		"account of a post changed":     {unlocked(`update ledger_transfer set credit = 'card:2' where kind = 'post' and amount = 70`), []string{replays, settles}},
		"commodity of a single changed": {unlocked(`update ledger_transfer set commodity = 'Wh' where kind = 'single'`), []string{replays, holds, zeroSums}},
		"post made a void":              {unlocked(`update ledger_transfer set kind = 'void' where kind = 'post' and amount = 300`), []string{replays}},
		"single removed":                {unlocked(`delete from ledger_transfer where kind = 'single'`), []string{replays, holds, zeroSums}},
	} {
		t.Run(name, func(t *testing.T) {
			inRollback(t, pool, tamper.sql, func(tx pgx.Tx) {
				found, err := ledger.Check(t.Context(), tx)
				if err != nil {
					t.Fatal(err)
				}
				wantNamed(t, found, tamper.want)
				// The book by itself says all but what is about all of them; another one nothing.
				if found, err = ledger.CheckSome(t.Context(), tx, []int64{who}); err != nil {
					t.Fatal(err)
				}
				wantNamed(t, found, slices.DeleteFunc(slices.Clone(tamper.want), func(name string) bool { return name == zeroSums }))
				if found, err = ledger.CheckSome(t.Context(), tx, []int64{0, 9_999}); err != nil {
					t.Fatal(err)
				}
				wantNamed(t, found, slices.DeleteFunc(slices.Clone(tamper.want), func(name string) bool { return name != locked }))
			})
		})
	}
	wantClean(t, pool)
}

// inRollback looks at the books after some SQL, which is then taken back.
func inRollback(t *testing.T, pool *pgxpool.Pool, sql string, look func(pgx.Tx)) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
	look(tx)
}

func wantNamed(t *testing.T, found []ledger.Violation, want []string) {
	t.Helper()
	named := map[string]string{}
	for _, v := range found {
		named[v.Invariant] = v.Detail
	}
	for _, invariant := range want {
		if named[invariant] == "" {
			t.Errorf("not named: %s", invariant)
		}
		delete(named, invariant)
	}
	for invariant, detail := range named {
		t.Errorf("named though not meant: %s: %s", invariant, detail)
	}
}

// A violation says where it is and by how much.
func TestViolationSaysWhere(t *testing.T) {
	t.Parallel()
	pool := soldOne(t)
	inRollback(t, pool, `update ledger_balance set credits_posted = 77 where account = 'card:1'`, func(tx pgx.Tx) {
		found, err := ledger.Check(t.Context(), tx)
		if err != nil || len(found) != 2 {
			t.Fatal(found, err)
		}
		const want = replays + ": card:1 of customer 1001: balance 77 L (in 9, out 0), transfers give 70 (in 9, out 0)"
		if got := found[0].String(); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got := found[1].String(); !strings.Contains(got, "L is off by 7") {
			t.Error(got)
		}
	})
}

// Repeatable read is one snapshot: what is sold meanwhile is not half seen.
func TestCheckReadsOneSnapshot(t *testing.T) {
	t.Parallel()
	pool := soldOne(t)
	tx, err := pool.BeginTx(t.Context(), pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	wantClean(t, tx)
	mustApply(t, pool, move(ledger.Single, ledger.Till("1"), ledger.Advance(who), ledger.Fen(1)))
	wantClean(t, tx)
	got, err := ledger.BalanceOf(t.Context(), tx, who, ledger.Advance(who), ledger.CNY)
	if err != nil || got.Posted != 200 {
		t.Error(got, err)
	}
}
