package store_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// A database that a newer vendgate wrote is left alone, whichever schema is newer.
func TestNewerSchemaIsRefused(t *testing.T) {
	t.Parallel()
	for _, versions := range []string{"goose_ledger", "goose_vending"} {
		t.Run(versions, func(t *testing.T) {
			t.Parallel()
			d := open(t)
			var before, found int
			if err := d.sql.QueryRow(t.Context(), `select count(*) from `+versions).Scan(&before); err != nil {
				t.Fatal(err)
			}
			d.by(t, `insert into `+versions+` (version_id, is_applied) values (999, true)`)
			s, err := store.Open(t.Context(), d.dsn)
			if !errors.Is(err, vending.ErrNewerSchema) || s != nil {
				t.Fatal(err)
			}
			var told *vending.Error
			if errors.As(err, &told) && (told.Args["Have"] != int64(999) || told.Args["Want"] == int64(999)) {
				t.Errorf("%v", told)
			}
			if err := d.sql.QueryRow(t.Context(), `select count(*) from `+versions).Scan(&found); err != nil || found != before+1 {
				t.Errorf("%d rows of versions, %v", found, err)
			}
		})
	}
}

// Programs that start at once on an empty database take turns.
func TestMigratedAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	var turn sync.Mutex
	var failed []error
	atOnce(func(int) {
		s, err := store.Open(t.Context(), dsn)
		if err == nil {
			s.Close()
			return
		}
		turn.Lock()
		defer turn.Unlock()
		failed = append(failed, err)
	})
	if len(failed) > 0 {
		t.Error(failed)
	}
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var tariffs, versions, twice int
	err = conn.QueryRow(t.Context(), `
		with done as (select version_id, count(*) from goose_ledger group by 1 union all select version_id, count(*) from goose_vending group by 1)
		select (select count(*) from tariff), (select count(*) from done), (select count(*) from done where count > 1)`).
		Scan(&tariffs, &versions, &twice)
	if err != nil || tariffs != 1 || versions < 6 || twice > 0 {
		t.Errorf("%d tariffs, %d versions, %d twice, %v", tariffs, versions, twice, err)
	}
}

// The customer number leads every primary and unique key of the large tables, and
// every reference between them: one top-up stays on one shard. Small are the
// directories, the tariffs, and the customers themselves, who are sharded by their number.
func TestCustomerNumberLeadsEveryKey(t *testing.T) {
	t.Parallel()
	d := open(t)
	small := slices.Concat([]string{"customer", "goose_ledger", "goose_vending"}, store.ReferenceTables, store.Directories)
	const keys = `
		select c.relname, i.relname, a.attname
		from pg_index x
		join pg_class c on c.oid = x.indrelid
		join pg_class i on i.oid = x.indexrelid
		join pg_attribute a on a.attrelid = c.oid and a.attnum = x.indkey[0]
		where x.indisunique and c.relnamespace = 'public'::regnamespace
		union all
		select c.relname, k.conname, a.attname
		from pg_constraint k
		join pg_class c on c.oid = k.conrelid
		join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
		where k.contype = 'f' and c.relnamespace = 'public'::regnamespace`
	rows, err := d.sql.Query(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (key [3]string, err error) {
		return key, row.Scan(&key[0], &key[1], &key[2])
	})
	if err != nil {
		t.Fatal(err)
	}
	large := map[string]bool{}
	for _, key := range found {
		if slices.Contains(small, key[0]) {
			continue
		}
		large[key[0]] = true
		if key[2] != "customer_no" {
			t.Errorf("%s of table %s leads with %s", key[1], key[0], key[2])
		}
	}
	for _, table := range []string{"ledger_transfer", "ledger_balance", "purchase", "report", "card", "card_seen", "meter"} {
		if !large[table] {
			t.Errorf("table %s has no key", table)
		}
	}
	// A table of the schema without any key would not show above.
	var bare []string
	err = d.sql.QueryRow(t.Context(), `select coalesce(array_agg(relname::text), '{}') from pg_class c where relkind = 'r'
		and relnamespace = 'public'::regnamespace and not exists (select 1 from pg_index where indrelid = c.oid and indisprimary)`).Scan(&bare)
	if err != nil || len(bare) > 0 {
		t.Errorf("without a primary key: %v, %v", bare, err)
	}
}
