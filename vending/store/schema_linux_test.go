package store_test

import (
	"errors"
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
