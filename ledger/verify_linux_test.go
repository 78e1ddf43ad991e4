package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
)

// Of each book the first broken link is named, and what is wrong with it.
func TestVerifyNamesTheFirstBrokenLink(t *testing.T) {
	t.Parallel()
	_, dsn := richBooks(t)
	v := newVandal(t, dsn, 1)
	for name, tamper := range map[string]struct {
		sql  string
		want []string // book, link and the beginning of the fault, or the seal
	}{
		"a word of a record":   {`update ledger_record set why = why || '.' where customer_no = 1002 and seq = 4`, []string{"link 4 of book 1002: it is not what was written"}},
		"two links of a book":  {`update ledger_record set who = 'x' where customer_no = 1002 and seq in (9, 3, 4)`, []string{"link 3 of book 1002: it is not what was written"}},
		"links of two books":   {`update ledger_record set who = 'x' where seq = 3 and customer_no in (0, 1003)`, []string{"link 3 of book 0: it is", "link 3 of book 1003: it is"}},
		"a link removed":       {`delete from ledger_record where customer_no = 1001 and seq = 4`, []string{"link 4 of book 1001: it is not there: 5 follows 3"}},
		"with a transfer":      {`delete from ledger_record where customer_no = 1001 and seq = 2`, []string{"link 2 of book 1001: transfer", "every transfer", "every transfer"}},
		"the first link":       {`delete from ledger_record where customer_no = 0 and seq = 1; delete from ledger_transfer where customer_no = 0 and seq = 1`, []string{"link 1 of book 0: it is not there: 2 follows 0", "link 1 of book 0: seal 1 covers it"}},
		"a whole book":         {`delete from ledger_record where customer_no = 0; delete from ledger_transfer where customer_no = 0`, []string{"link 1 of book 0: seal 1 covers it, and it is not there"}},
		"an amount":            {`update ledger_transfer set amount = amount + 1 where customer_no = 0 and seq = 3`, []string{"link 3 of book 0: it is not what was written"}},
		"a hash":               {`update ledger_record set hash = sha256(hash) where customer_no = 1001 and seq = 5`, []string{"link 5 of book 1001: it is not what was written", "link 5 of book 1001: it is not the one that seal 1 covers"}},
		"a value removed":      {`update ledger_record set detail = null where customer_no = 1001 and seq = 5`, []string{"link 5 of book 1001: a value is missing"}},
		"null made zeros":      {`update ledger_transfer set pend_id = '00000000-0000-0000-0000-000000000000' where customer_no = 0 and seq = 3`, []string{"link 3 of book 0: a value is missing, or none", "a settled transfer"}},
		"a transfer of no one": {`insert into ledger_transfer select 9, id, kind, pend_id, debit, credit, commodity, amount, cause, occurred_at, recorded_at, seq, period from ledger_transfer where customer_no = 0 and seq = 4`, []string{"link 4 of book 9: transfer", "every transfer"}},
		"the time of a seal":   {`update ledger_seal set sealed_at = sealed_at - interval '1 microsecond' where no = 2`, []string{"seal 2: it is not what was sealed"}},
		"a seal removed":       {`delete from ledger_seal where no = 2`, []string{"seal 2: it has a leaf", "seal 2: it has a leaf", "seal 2: it has a leaf", "seal 2: it has a leaf", "seal 2: it is not there: 3 follows 1"}},
		"a seal with leaves":   {`delete from ledger_seal where no = 2; delete from ledger_leaf where seal_no = 2`, []string{"seal 2: it is not there: 3 follows 1"}},
		"the hash of a seal":   {`update ledger_seal set hash = sha256(hash) where no = 2`, []string{"seal 2: it is not", "seal 3: it is not"}},
		"a leaf removed":       {`delete from ledger_leaf where seal_no = 2 and customer_no = 0`, []string{"seal 2: it is not what was sealed, or its leaves"}},
		"a balance":            {`update ledger_balance set credits_posted = credits_posted + 1 where account = 'card:1001'`, []string{"every balance", "all balances"}},
		"beyond 64 bits":       {`update ledger_transfer set amount = -9223372036854775808 where customer_no = 0 and seq = 3`, []string{"link 3 of book 0", "every balance is the sum of its transfers: a number is beyond 64 bits"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, changed := v.look(tamper.sql)
			var got []string
			for _, b := range r.Breaks {
				got = append(got, b.String())
			}
			for _, found := range r.Violations {
				got = append(got, found.String())
			}
			if !changed || !slices.EqualFunc(got, tamper.want, strings.HasPrefix) || r.Broken != int64(len(r.Breaks)) {
				t.Errorf("got %q\nwant %q", got, tamper.want)
			}
		})
	}
}

// However much is broken, a bounded list names it and a number counts it.
func TestVerifyListsSomeAndCountsAll(t *testing.T) {
	t.Parallel()
	pool := open(t)
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		return ledger.Append(t.Context(), tx, manyLinks(1, 300, databaseNow(t, tx))...)
	})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, pool, `alter table ledger_record disable trigger record_never_changed; update ledger_record set who = 'x';
		alter table ledger_record enable trigger record_never_changed`)
	r := verify(t, pool)
	if r.Clean() || r.Broken != 300 || len(r.Breaks) != 100 || r.Links != 300 {
		t.Errorf("%d broken, %d listed, %d links", r.Broken, len(r.Breaks), r.Links)
	}
}

func databaseNow(t testing.TB, tx pgx.Tx) (now time.Time) {
	t.Helper()
	if err := tx.QueryRow(t.Context(), `select ledger_now()`).Scan(&now); err != nil {
		t.Fatal(err)
	}
	return now
}

// Whoever can change everything in the database can make a chain that holds in itself.
// What is on paper finds it; what no seal covers yet is the window that is left
// (DESIGN.md, "What a seal is for").
func TestRewrittenBooks(t *testing.T) {
	t.Parallel()
	pool, dsn := richBooks(t)
	printed, err := ledger.LastSeal(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	v := newVandal(t, dsn, 1)
	su, err := connect(dsn + " options='-c session_replication_role=replica'")
	if err != nil {
		t.Fatal(err)
	}
	defer su.Close()

	// The end of a book after the last seal is gone without a trace.
	if r, _ := v.look(`delete from ledger_record where customer_no = 0 and seq > 3; delete from ledger_transfer where customer_no = 0 and seq > 3`); !r.Clean() || r.Unsealed != 1 {
		t.Error("the unsealed window is smaller than it says:", r)
	}
	// Another end in place of the sealed one, with hashes that fit.
	exec(t, su, `delete from ledger_record where customer_no = 0 and seq >= 2; delete from ledger_transfer where customer_no = 0 and seq >= 2`)
	for range 3 {
		link(t, su, 0, "bank", move(ledger.Single, ledger.Till("1-17"), ledger.Bank("mine"), ledger.Fen(1_000_000)))
	}
	wantBreaks(t, verify(t, su), "link 2 of book 0: it is not the one that seal 2 covers")
	// With leaves that fit.
	exec(t, su, `update ledger_leaf l set hash = r.hash from ledger_record r where r.customer_no = 0 and l.customer_no = 0 and r.seq = l.seq`)
	wantBreaks(t, verify(t, su), "seal 2: it is not what was sealed, or its leaves are not", "seal 3: it is not what was sealed, or its leaves are not")
	// With seals that fit: now only the head that was printed tells.
	exec(t, su, `delete from ledger_leaf; delete from ledger_seal`)
	seal(t, su)
	if r := verify(t, su); !r.Clean() {
		t.Error(r)
	}
	if s, err := ledger.SealOf(t.Context(), su, printed.Hash); err != nil || s.No != 0 {
		t.Error("the printed head is still there:", s, err)
	}
}

func wantBreaks(t testing.TB, r ledger.Report, want ...string) {
	t.Helper()
	var got []string
	for _, b := range r.Breaks {
		got = append(got, b.String())
	}
	if !slices.Equal(got, want) || len(r.Violations) > 0 {
		t.Errorf("got %q %v\nwant %q", got, r.Violations, want)
	}
}

// The service's role may add to the books; the triggers stop a superuser too.
func TestWhatWasWrittenIsLocked(t *testing.T) {
	t.Parallel()
	pool, dsn := richBooks(t)
	su, err := connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer su.Close()
	service, err := connect(strings.Replace(dsn, "dbname=", "options='-c role=vendgate_service' dbname=", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	key := map[string]string{"ledger_record": "seq", "ledger_transfer": "seq", "ledger_seal": "no", "ledger_leaf": "seq"}
	for table, column := range key {
		for _, sql := range []string{
			`update ` + table + ` set hash = hash`, `update ` + table + ` set ` + column + ` = 0 where false`, `update ` + table + ` set ` + column + ` = null`,
			`delete from ` + table, `delete from ` + table + ` where ` + column + ` is null`, `truncate ` + table + ` cascade`,
			`insert into ` + table + ` select * from ` + table + ` on conflict (` + primary(table) + `) do update set ` + column + ` = 0`,
			`merge into ` + table + ` t using (select 1) s on true when matched then delete`,
		} {
			if table == "ledger_transfer" {
				sql = strings.Replace(sql, "hash = hash", "amount = amount", 1)
			}
			for name, as := range map[string]*pgxpool.Pool{"owner": pool, "superuser": su, "service": service} {
				if _, err := as.Exec(t.Context(), sql); !errors.Is(ledger.Refusal(err), ledger.ErrImmutable) {
					t.Errorf("%s: %s: %v", name, sql, err)
				}
			}
		}
		if _, err := service.Exec(t.Context(), `alter table `+table+` disable trigger all`); err == nil {
			t.Errorf("the service turns the lock of %s off", table)
		}
	}
	for _, sql := range []string{`delete from ledger_balance`, `truncate ledger_balance`, `delete from ledger_period`,
		`set session_replication_role = replica`, `create or replace function ledger_never_changed() returns trigger language plpgsql as 'begin return null; end'`} {
		if _, err := service.Exec(t.Context(), sql); err == nil {
			t.Errorf("the service may %s", sql)
		}
	}
	wantVerified(t, verify(t, service), 47, 3, 2)
	link(t, service, 0, "shift opened")
	if _, ok := seal(t, service); !ok {
		t.Error("the service cannot seal")
	}
}

func primary(table string) string {
	return map[string]string{"ledger_record": "customer_no, seq", "ledger_transfer": "customer_no, id", "ledger_seal": "no",
		"ledger_leaf": "customer_no, seal_no"}[table]
}

// No column but the pended transfer's id may be null, in a row that is new either.
func TestNothingIsWrittenWithoutAValue(t *testing.T) {
	t.Parallel()
	pool, dsn := richBooks(t)
	su, err := connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer su.Close()
	rows, err := pool.Query(t.Context(), `select attrelid::regclass::text, attname, string_agg(attname, ', ') over (partition by attrelid)
		from pg_attribute where attrelid = any('{ledger_record,ledger_transfer,ledger_seal,ledger_leaf}'::regclass[]) and attnum > 0 and not attisdropped`)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	var table, column, all string
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &all}, func() error {
		if column == "pend_id" {
			return nil
		}
		tried++
		list := strings.Split(all, ", ")
		list[slices.Index(list, column)] = "null"
		sql := fmt.Sprintf(`insert into %s (%s) select %s from %[1]s limit 1`, table, all, strings.Join(list, ", "))
		_, err := su.Exec(t.Context(), sql)
		if err == nil || !strings.Contains(err.Error(), "null") && !strings.Contains(err.Error(), "record_recorded_now") && !strings.Contains(err.Error(), "transfer_period_open") {
			t.Errorf("%s.%s: %v", table, column, err)
		}
		return nil
	})
	if err != nil || tried < 30 {
		t.Error(tried, err)
	}
}

// BenchmarkVerify measures links a second, each with two transfers.
func BenchmarkVerify(b *testing.B) {
	pool := open(b)
	const n, at = 50_000, 5_000
	for first := int64(1); first <= n; first += at {
		err := pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
			return ledger.Append(b.Context(), tx, manyLinks(first, at, databaseNow(b, tx))...)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	seal(b, pool)
	exec(b, pool, `analyze ledger_record, ledger_transfer, ledger_leaf, ledger_balance`)
	for b.Loop() {
		if r := verify(b, pool); !r.Clean() || r.Links != n {
			b.Fatal(r)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "links/s")
}
