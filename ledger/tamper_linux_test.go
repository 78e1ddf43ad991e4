package ledger_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/ledger"
)

// richBooks has three customers and the company, singles, pends, posts and voids,
// links without transfers, three seals, and links that no seal covers yet. The DSN is
// the superuser's.
func richBooks(t testing.TB) (*pgxpool.Pool, string) {
	t.Helper()
	dsn := books.New(t)
	pool, err := connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for round := range int64(3) {
		for book := int64(1001); book <= 1003; book++ {
			advance, prepaid, card, meter := ledger.Advance(book), ledger.Prepaid(book), ledger.Card(fmt.Sprint(book)), ledger.Meter(fmt.Sprint(book))
			cost, credit := move(ledger.Pend, advance, prepaid, ledger.Fen(300+round)), move(ledger.Pend, ledger.Sold, card, litres(70*book))
			link(t, pool, book, "purchase opened", move(ledger.Single, ledger.Till("1-17"), advance, ledger.Fen(500+book)), cost, credit)
			if round == 1 && book == 1002 {
				link(t, pool, book, "purchase voided", settle(ledger.Void, cost), settle(ledger.Void, credit))
				continue
			}
			link(t, pool, book, "purchase loaded", settle(ledger.Post, cost), settle(ledger.Post, credit))
			link(t, pool, book, "meter read", move(ledger.Single, card, meter, litres(70*book)))
			link(t, pool, book, "customer changed")
			link(t, pool, book, "fee", move(ledger.Single, ledger.Debt(book), ledger.Revenue("fee"), ledger.Fen(25)))
		}
		link(t, pool, 0, "shift opened", move(ledger.Single, ledger.Safe("1"), ledger.Till("1-17"), ledger.Fen(1)))
		seal(t, pool)
	}
	link(t, pool, 1001, "fee", move(ledger.Single, ledger.Debt(1001), ledger.Revenue("fee"), ledger.Fen(7)))
	link(t, pool, 0, "bank", move(ledger.Single, ledger.Till("1-17"), ledger.Bank("icbc"), ledger.Fen(3)))
	r := verify(t, pool)
	wantVerified(t, r, 47, 3, 2)
	return pool, pgtest.AsSuperuser(dsn)
}

// A single changed byte, and a row removed, doubled, made up or exchanged, is found,
// wherever it is (issue 3, "Must show").
func TestVerifyFindsEveryTampering(t *testing.T) {
	t.Parallel()
	const tries = 1000
	pool, dsn := richBooks(t)
	from := seed(t)
	v := newVandal(t, dsn, from)
	ways := map[string]int{}
	for done := 0; done < tries; {
		way, sql := v.tampering()
		r, changed := v.look(sql)
		if !changed {
			continue // the value was that already
		}
		done++
		ways[way]++
		if r.Clean() {
			t.Errorf("TAMPER_SEED=%d, try %d, %s: not found: %s", from, done, way, sql)
		}
	}
	for _, way := range slices.Sorted(maps.Keys(ways)) {
		t.Logf("%4d × %s", ways[way], way)
	}
	wantVerified(t, verify(t, pool), 47, 3, 2)
}

// vandal changes rows as a superuser, whom no trigger and no constraint stops.
type vandal struct {
	t      testing.TB
	conn   *pgx.Conn
	rand   *rand.Rand
	rows   map[string][]string // where all rows are, by table
	fields map[string][]column
}

type column struct{ name, kind string }

var tables = []string{"ledger_record", "ledger_transfer", "ledger_seal", "ledger_leaf", "ledger_balance"}

// unguard takes away what would refuse a change before Verify has to find it: keys,
// checks, "not null". Triggers sleep in this session.
const unguard = `
do $$ declare c record; begin
	for c in select conrelid::regclass as rel, conname from pg_constraint
		where conrelid::regclass::text like 'ledger\_%' and contype in ('c', 'f', 'p', 'u') order by contype in ('p', 'u') loop
		execute format('alter table %s drop constraint %I', c.rel, c.conname);
	end loop;
	for c in select attrelid::regclass as rel, attname from pg_attribute join pg_class r on r.oid = attrelid
		where r.relkind = 'r' and attrelid::regclass::text like 'ledger\_%' and attnum > 0 and attnotnull loop
		execute format('alter table %s alter column %I drop not null', c.rel, c.attname);
	end loop;
end $$;
drop index transfer_settled_once;
set session_replication_role = replica`

func newVandal(t testing.TB, dsn string, seed uint64) *vandal {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	v := &vandal{t: t, conn: conn, rand: rand.New(rand.NewPCG(seed, 3)), rows: map[string][]string{}, fields: map[string][]column{}}
	if _, err := conn.Exec(t.Context(), unguard); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		v.rows[table] = v.texts(`select ctid::text from ` + table)
		for _, f := range v.texts(`select attname || ' ' || atttypid::regtype from pg_attribute
			where attnum > 0 and not attisdropped and attrelid = '` + table + `'::regclass`) {
			name, kind, _ := strings.Cut(f, " ")
			v.fields[table] = append(v.fields[table], column{name, kind})
		}
	}
	return v
}

func (v *vandal) texts(sql string) []string {
	v.t.Helper()
	rows, err := v.conn.Query(v.t.Context(), sql)
	if err != nil {
		v.t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		v.t.Fatal(err)
	}
	return all
}

// look verifies after some SQL, which is then taken back. changed is false where it
// changed nothing.
func (v *vandal) look(sql string) (r ledger.Report, changed bool) {
	v.t.Helper()
	ctx := v.t.Context()
	tx, err := v.conn.Begin(ctx)
	if err != nil {
		v.t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	for one := range strings.SplitSeq(sql, ";") {
		tag, err := tx.Exec(ctx, one, pgx.QueryExecModeExec)
		if err != nil {
			v.t.Fatalf("%v: %s", err, one)
		}
		changed = changed || tag.RowsAffected() > 0
	}
	if !changed {
		return r, false
	}
	if r, err = ledger.Verify(ctx, tx, nil); err != nil {
		v.t.Errorf("%v: %s", err, sql)
	}
	return r, true
}

// tampering is SQL that changes a field or a row.
func (v *vandal) tampering() (way, sql string) {
	table := append(tables, "ledger_record", "ledger_transfer")[v.rand.IntN(len(tables)+2)]
	field := v.fields[table][v.rand.IntN(len(v.fields[table]))]
	row, other := v.row(table), v.row(table)
	set := func(value string) string {
		return fmt.Sprintf(`update %s set %s = %s where ctid = '%s' and %[2]s is distinct from %[3]s`, table, field.name, value, row)
	}
	switch v.rand.IntN(40) {
	case 0:
		return "row removed", fmt.Sprintf(`delete from %s where ctid = '%s'`, table, row)
	case 1:
		return "row doubled", fmt.Sprintf(`insert into %s select * from %[1]s where ctid = '%s'`, table, row)
	case 2:
		return "field exchanged between rows", fmt.Sprintf(`update %[1]s a set %[2]s = b.%[2]s from %[1]s b where a.ctid in ('%[3]s', '%[4]s')
			and b.ctid in ('%[3]s', '%[4]s') and a.ctid <> b.ctid and a.%[2]s is distinct from b.%[2]s`, table, field.name, row, other)
	case 3:
		return "links exchanged between books", fmt.Sprintf(`update ledger_record a set customer_no = b.customer_no, seq = b.seq
			from ledger_record b where a.ctid in ('%[1]s', '%[2]s') and b.ctid in ('%[1]s', '%[2]s') and a.ctid <> b.ctid`, v.row("ledger_record"), v.row("ledger_record"))
	case 4:
		return "row made up", v.forged()
	case 5:
		cut := fmt.Sprintf(`from ledger_leaf l where l.ctid = '%s' and l.customer_no = x.customer_no and x.seq >= l.seq`, v.row("ledger_leaf"))
		return "end cut off below a leaf", `delete from ledger_record x using ` + cut[5:] + `; delete from ledger_transfer x using ` + cut[5:]
	case 6:
		return "value made null", set("null")
	case 7:
		return "null made a value", fmt.Sprintf(`update ledger_transfer set pend_id = %s where ctid = '%s' and pend_id is null`,
			[]string{`'00000000-0000-0000-0000-000000000000'`, `id`}[v.rand.IntN(2)], v.row("ledger_transfer"))
	default:
		return "field changed: " + field.kind, set(v.near(field))
	}
}

func (v *vandal) row(table string) string { return v.rows[table][v.rand.IntN(len(v.rows[table]))] }

// near is an expression for a value that differs by a byte, a character, a bit or a
// microsecond.
func (v *vandal) near(f column) string {
	n := v.rand.IntN(1 << 20)
	var ways []string
	switch f.kind {
	case "bigint":
		ways = []string{`%s # (1::bigint << (%d %% 64))`, `%s + (1 - %d %% 2 * 2)`}
	case "integer":
		ways = []string{`%s # (1 << (%d %% 32))`}
	case "text":
		ways = []string{
			`case when %[1]s <> '' then overlay(%[1]s placing chr(ascii(substr(%[1]s, 1 + %[2]d %% length(%[1]s), 1)) # (1 << %[2]d %% 4)) from 1 + %[2]d %% length(%[1]s) for 1) end`,
			`%[1]s || chr(32 + %[2]d %% 90)`, `left(%[1]s, -1 - %[2]d %% 2)`, `' ' || %[1]s || left('', %[2]d)`, `upper(%[1]s) || left('', %[2]d)`}
	case "bytea":
		ways = []string{`set_byte(%[1]s, %[2]d %% 32, get_byte(%[1]s, %[2]d %% 32) # (1 << %[2]d %% 8))`,
			`set_byte('\x00'::bytea, 0, %[2]d %% 256) || %[1]s`, `%[1]s || '\x00' || substr(%[1]s, 32 + %[2]d %% 1)`, `substr(%[1]s, 1 + %[2]d %% 32)`}
	case "uuid":
		ways = []string{`encode(set_byte(uuid_send(%[1]s), %[2]d %% 16, get_byte(uuid_send(%[1]s), %[2]d %% 16) # (1 << %[2]d %% 8)), 'hex')::uuid`}
	case "timestamp with time zone":
		ways = []string{`%s + (1 - %d %% 2 * 2) * interval '1 microsecond'`, `%s + %d * interval '1 hour'`, `case when %s is not null and %d >= 0 then timestamptz 'infinity' end`}
	case "boolean":
		ways = []string{`not %s and %d >= 0`}
	default:
		v.t.Fatalf("there is no way to change %s", f.kind)
	}
	return fmt.Sprintf(ways[v.rand.IntN(len(ways))], f.name, n)
}

// forged is SQL that makes a row up.
func (v *vandal) forged() string {
	row := v.row
	return []string{
		`insert into ledger_record select customer_no, seq + 1, gen_random_uuid(), kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash
			from ledger_record where ctid = '` + row("ledger_record") + `'`,
		`insert into ledger_transfer select customer_no, gen_random_uuid(), kind, pend_id, debit, credit, commodity, amount, cause, occurred_at, recorded_at, seq, period
			from ledger_transfer where ctid = '` + row("ledger_transfer") + `'`,
		`insert into ledger_seal select no + 1, sealed_at, 0, hash from ledger_seal where ctid = '` + row("ledger_seal") + `'`,
		`insert into ledger_leaf select 1001, seal_no, seq, hash from ledger_leaf where ctid = '` + row("ledger_leaf") + `'`,
		`insert into ledger_balance values (1001, 'card:made up', 'L', true, 0, 0, 0, 0, false)`,
		`insert into ledger_balance select customer_no, 'till:1', commodity, false, 0, 0, 0, 0, false from ledger_balance where ctid = '` + row("ledger_balance") + `'`,
	}[v.rand.IntN(6)]
}

// seed is TAMPER_SEED, to see again what was seen before, or another every time.
func seed(t testing.TB) uint64 {
	s := os.Getenv("TAMPER_SEED")
	if s == "" {
		return uint64(time.Now().UnixNano())
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
