package store_test

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// keysSQL lists every key of every table with its columns: unique ones, exclusions, and foreign ones with what they refer to.
const keysSQL = `
select c.relname, i.relname, case when x.indisexclusion then 'exclusion' else 'unique' end,
	(select array_agg(coalesce(a.attname, '(expression)')::text order by k.n) from unnest(x.indkey::int2[]) with ordinality k (attnum, n)
		left join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum),
	'', '{}'::text[], ''
from pg_index x join pg_class c on c.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
where (x.indisunique or x.indisexclusion) and c.relnamespace = 'public'::regnamespace
union all
select c.relname, k.conname, 'foreign',
	(select array_agg(a.attname::text order by n) from unnest(k.conkey) with ordinality q (attnum, n) join pg_attribute a on a.attrelid = c.oid and a.attnum = q.attnum),
	r.relname,
	(select array_agg(a.attname::text order by n) from unnest(k.confkey) with ordinality q (attnum, n) join pg_attribute a on a.attrelid = r.oid and a.attnum = q.attnum),
	k.confdeltype::text || k.confupdtype::text
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_class r on r.oid = k.confrelid
where k.contype = 'f' and c.relnamespace = 'public'::regnamespace`

// tablesSQL lists every table, the type of what it is distributed by, and what Citus refuses or has its own rules for.
const tablesSQL = `
select c.relname, coalesce((select format_type(atttypid, null) || case when attnotnull then '' else ' null' end from pg_attribute
		where attrelid = c.oid and attname = case c.relname when 'customer' then 'no' else 'customer_no' end), ''),
	(select attname from pg_attribute where attrelid = c.oid and attnum = 1),
	exists (select from pg_index where indrelid = c.oid and indisprimary),
	exists (select from pg_attribute where attrelid = c.oid and (attidentity <> '' or attgenerated <> ''))
		or exists (select from pg_attrdef d where d.adrelid = c.oid and pg_get_expr(d.adbin, d.adrelid) like 'nextval(%'),
	exists (select from pg_inherits where inhrelid = c.oid or inhparent = c.oid),
	(select coalesce(array_agg(p.proname::text), '{}') from pg_trigger g join pg_proc p on p.oid = g.tgfoid where g.tgrelid = c.oid and not g.tgisinternal
		and p.prosrc ~* '\m(select|insert|update|delete|perform)\M')
from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and c.relname not like 'goose\_%'`

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// citusFaults holds the whole schema against Citus's rules, and ours, which are stricter: the number of the customer not only is in
// every key, it leads them.
func citusFaults(t *testing.T, q querier) (found []string) {
	t.Helper()
	fault := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	leads := map[string]string{} // table → column by which it is distributed; empty: a copy on every node
	rows, err := q.Query(t.Context(), tablesSQL)
	must(t, err)
	var name, number, first string
	var primary, sequence, inherits bool
	var selecting []string
	_, err = pgx.ForEachRow(rows, []any{&name, &number, &first, &primary, &sequence, &inherits, &selecting}, func() error {
		switch {
		case slices.Contains(store.ReferenceTables, name):
			leads[name] = ""
		case slices.Contains(store.Directories, name):
			leads[name] = first
		case name == "customer":
			leads[name] = "no"
		case number == "":
			fault("table %s has no customer_no: lead its keys with one, or add it to ReferenceTables or Directories in vending/store/shard.go", name)
			return nil
		default:
			leads[name] = "customer_no"
		}
		if leads[name] == "customer_no" && number != "bigint" {
			fault("customer_no of %s is %s: rows stand beside the customer's only if it is a bigint, and never null", name, number)
		}
		if !primary {
			fault("table %s has no primary key", name)
		}
		if sequence || inherits {
			fault("table %s has a sequence, an identity, a generated column or a partition", name)
		}
		if len(selecting) > 0 {
			fault("trigger %v of %s looks at rows: on a shard it would see only some", selecting, name)
		}
		return nil
	})
	must(t, err)
	return append(found, keyFaults(t, q, leads)...)
}

func keyFaults(t *testing.T, q querier, leads map[string]string) (found []string) {
	t.Helper()
	rows, err := q.Query(t.Context(), keysSQL)
	must(t, err)
	var table, key, kind, refers, actions string
	var columns, referred []string
	_, err = pgx.ForEachRow(rows, []any{&table, &key, &kind, &columns, &refers, &referred, &actions}, func() error {
		by, known := leads[table]
		to, refersToKnown := leads[refers]
		switch {
		case !known: // said already, or goose's
		case kind == "exclusion":
			found = append(found, fmt.Sprintf("%s of %s is an exclusion constraint", key, table))
		case kind == "unique" && by != "" && columns[0] != by:
			found = append(found, fmt.Sprintf("%s of %s leads with %s, not with %s", key, table, columns[0], by))
		case kind != "foreign":
		case !refersToKnown:
			found = append(found, fmt.Sprintf("%s of %s refers to %s, which is not distributed", key, table, refers))
		case to == "": // a copy is on every node
		case by == "":
			found = append(found, fmt.Sprintf("%s refers from the reference table %s to the distributed %s", key, table, refers))
		case slices.Contains(store.Directories, table) || slices.Contains(store.Directories, refers):
			found = append(found, fmt.Sprintf("%s refers from %s to %s, which are not on one shard", key, table, refers))
		case columns[0] != by || referred[0] != to:
			found = append(found, fmt.Sprintf("%s of %s leads with %s to %s of %s: not along the customer's number", key, table, columns[0], referred[0], refers))
		case strings.Trim(actions, "ar") != "":
			found = append(found, fmt.Sprintf("%s of %s does something on delete or update", key, table))
		}
		return nil
	})
	must(t, err)
	return found
}

// The schema keeps Citus's rules; one top-up stays on one shard.
func TestCustomerNumberLeadsEveryKey(t *testing.T) {
	t.Parallel()
	for _, fault := range citusFaults(t, open(t).sql) {
		t.Error(fault)
	}
	for _, list := range [][]string{store.ReferenceTables, store.Directories} {
		if !slices.IsSorted(list) {
			t.Errorf("not sorted: %v", list)
		}
	}
}

// Every table that is listed exists.
func TestListedTablesExist(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, name := range slices.Concat(store.ReferenceTables, store.Directories) {
		var there bool
		if err := d.sql.QueryRow(t.Context(), `select to_regclass($1) is not null`, name).Scan(&there); err != nil || !there {
			t.Errorf("%s is listed in shard.go and is no table (%v)", name, err)
		}
	}
}

// Each rule finds who breaks it.
func TestCitusRulesFind(t *testing.T) {
	t.Parallel()
	d := open(t)
	for ddl, want := range map[string]string{
		`create table x (id bigint primary key)`:                                                    "table x has no customer_no",
		`create table x (customer_no int primary key)`:                                              "customer_no of x is integer",
		`create table x (customer_no bigint)`:                                                       "customer_no of x is bigint null",
		`create table x (customer_no bigint not null)`:                                              "table x has no primary key",
		`create table x (customer_no bigint, id bigint, primary key (id, customer_no))`:             "x_pkey of x leads with id",
		`create unique index x on purchase (till) where state = 'pending'`:                          "x of purchase leads with till",
		`create unique index x on purchase ((customer_no + 1))`:                                     "x of purchase leads with (expression)",
		`create table x (customer_no bigint primary key, n bigserial)`:                              "table x has a sequence",
		`create table x (customer_no bigint primary key, n bigint generated always as identity)`:    "table x has a sequence",
		`create table x (customer_no bigint primary key, exclude using btree (customer_no with =))`: "exclusion",
		`create table x (customer_no bigint primary key, m text references meter_owner)`:            "not on one shard",
		`create table x (customer_no bigint primary key references customer on delete cascade)`:     "does something on delete",
		`create table x (customer_no bigint primary key, other bigint references customer)`:         "not along the customer's number",
		`alter table staff add column c bigint references customer`:                                 "from the reference table staff to the distributed customer",
		`create function x() returns trigger language plpgsql as $$ begin perform 1 from meter; return new; end $$; 
			create trigger x before insert on card for each row execute function x()`: "looks at rows",
	} {
		tx, err := d.sql.Begin(t.Context())
		must(t, err)
		_, err = tx.Exec(t.Context(), ddl)
		must(t, err)
		if found := strings.Join(citusFaults(t, tx), "\n"); !strings.Contains(found, want) || strings.Count(found, "\n") > 1 {
			t.Errorf("%s:\nfound %q, want %q", ddl, found, want)
		}
		must(t, tx.Rollback(t.Context()))
	}
}

//go:embed testdata/citus.sql
var standIn string

// citus puts the stand-in for the extension into the database.
func (d *database) citus(t *testing.T) {
	t.Helper()
	d.by(t, standIn)
	d.by(t, `do $$ begin execute format('alter database %I set search_path = public, citus', current_database()); end $$`)
	d.slowly(t, "connect_timeout=2")
}

func (d *database) distribute(t *testing.T, dry bool) (steps []store.Shard) {
	t.Helper()
	err := d.Distribute(context.WithoutCancel(t.Context()), dry, func(s store.Shard) error { steps = append(steps, s); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// The SQL that distributes the database, held against a stand-in for Citus: every table, in an order that it takes, once.
func TestDistribute(t *testing.T) {
	t.Parallel()
	d := open(t)
	d.citus(t)
	asked := d.distribute(t, true)
	var n int
	must(t, d.sql.QueryRow(t.Context(), `select count(*) from citus.pg_dist_partition`).Scan(&n))
	if n != 0 || len(asked) < 30 {
		t.Fatalf("a dry run distributed %d tables, and said %d steps", n, len(asked))
	}
	done := d.distribute(t, false)
	if !slices.Equal(asked, done) || slices.ContainsFunc(done, func(s store.Shard) bool { return s.Done }) {
		t.Errorf("said %v, did %v", asked, done)
	}
	for _, again := range d.distribute(t, false) {
		if !again.Done {
			t.Errorf("%s was done twice", again.Object)
		}
	}
	var missing []string
	must(t, d.sql.QueryRow(t.Context(), `select coalesce(array_agg(relname::text), '{}') from pg_class c where relkind = 'r' and relnamespace = 'public'::regnamespace
		and relname not like 'goose\_%' and not exists (select from citus.pg_dist_partition p where p.logicalrelid = c.oid)`).Scan(&missing))
	if len(missing) > 0 {
		t.Errorf("not distributed: %v", missing)
	}
	// A new version has a new table: only that is left to do.
	d.by(t, `create table fresh (customer_no bigint primary key references customer)`)
	var left []string
	for _, s := range d.distribute(t, false) {
		if !s.Done {
			left = append(left, s.Object)
		}
	}
	if !slices.Equal(left, []string{"session", "fresh"}) {
		t.Errorf("left to do: %v", left)
	}
}

// Without the extension nothing is done, and a table that nobody classified stops it before anything is.
func TestDistributeRefused(t *testing.T) {
	t.Parallel()
	d := open(t)
	none := func(s store.Shard) error { t.Error("a step:", s); return nil }
	wantErr(t, d.Distribute(t.Context(), false, none), vending.ErrNoCitus)
	d.citus(t)
	d.by(t, `create table stray (id bigint primary key)`)
	if err := d.Distribute(t.Context(), false, none); err == nil || !strings.Contains(err.Error(), "stray") {
		t.Error(err)
	}
}
