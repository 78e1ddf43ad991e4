package store_test

import (
	"database/sql"
	"io/fs"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// schema migrates one schema of a database by hand.
func schema(t *testing.T, db *sql.DB, i int) *goose.Provider {
	t.Helper()
	files, err := fs.Sub(store.Migrations[i], "migrations")
	must(t, err)
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithTableName(store.Versions[i]))
	must(t, err)
	return p
}

// earlier is a database as an earlier version left it, at that migration of the books.
func earlier(t *testing.T, version int64) (dsn string, db *sql.DB, books *goose.Provider) {
	t.Helper()
	dsn = pgtest.New(t)
	db, err := sql.Open("pgx", dsn)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = schema(t, db, 0).Up(t.Context())
	must(t, err)
	books = schema(t, db, 1)
	_, err = books.UpTo(t.Context(), version)
	must(t, err)
	return dsn, db, books
}

// What a company had set by SQL in an earlier version is a setting afterwards, and goes back. Nobody owes fixed charges of the past.
func TestSettingsOfAnEarlierVersionAreKept(t *testing.T) {
	t.Parallel()
	dsn, db, books := earlier(t, 16)
	_, err := db.ExecContext(t.Context(), `update charge_term set fen = 3000, vat_bp = 100 where kind = 'card_cost'; update life_rule set value = 30 where name = 'late_bp';
		insert into customer (no, name, address, status, tariff, opened_at) values (1001, 'n', '', 'in_service', 'gas-residential', '2020-01-01')`)
	must(t, err)
	s, err := store.Open(t.Context(), dsn)
	must(t, err)
	defer s.Close()
	all, err := s.Settings(t.Context())
	must(t, err)
	changed := map[string]string{}
	for _, one := range vending.AllSettings() {
		if v := one.In(all); v != one.Default() {
			changed[one.Name] = v.String()
		}
	}
	if len(changed) != 3 || changed["late_bp"] != "30" || changed["charge_card_cost_fen"] != "3000" || changed["charge_card_cost_vat_bp"] != "100" {
		t.Error(changed)
	}
	var through time.Time
	must(t, db.QueryRowContext(t.Context(), `select fixed_through from customer`).Scan(&through))
	if day := vending.DateOfUTC(through); day < vending.DateOf(time.Now())-1 {
		t.Errorf("fixed charges are owed since %s", day)
	}
	_, err = books.DownTo(t.Context(), 16)
	must(t, err)
	var fen, kinds, rest int64
	must(t, db.QueryRowContext(t.Context(), `select (select fen from charge_term where kind = 'card_cost'), (select count(*) from charge_term),
		(select count(*) from life_rule where name like 'charge%' or name like 'season%')`).Scan(&fen, &kinds, &rest))
	if fen != 3000 || kinds != 8 || rest != 0 {
		t.Error(fen, kinds, rest)
	}
}
