package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemas are migrated in this order; each keeps its own version table, for the
// ledger owns its tables.
var schemas = []struct {
	versions string
	files    fs.FS
}{
	{"goose_ledger", ledger.Migrations},
	{"goose_vending", migrations},
}

// Schema is a part of the database, with its version when it was opened and since.
type Schema struct {
	Name      string // of the table that keeps the version
	From, Now int64  // From 0: there was none
}

// Schemas says what Open has brought up to date.
func (s *Store) Schemas() []Schema { return s.schemas }

func migrate(ctx context.Context, config *pgx.ConnConfig) (done []Schema, err error) {
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return nil, down(err)
	}
	for _, schema := range schemas {
		from, now, err := migrateOne(ctx, db, schema.versions, schema.files)
		if err != nil {
			return nil, fmt.Errorf("migrate %s: %w", schema.versions, err)
		}
		done = append(done, Schema{schema.versions, from, now})
	}
	return done, nil
}

func migrateOne(ctx context.Context, db *sql.DB, versions string, files fs.FS) (have, want int64, err error) {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return 0, 0, err
	}
	// Two programs that start at once take turns: asked for every second, for five minutes.
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return 0, 0, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, sub,
		goose.WithTableName(versions), goose.WithSessionLocker(turn))
	if err != nil {
		return 0, 0, err
	}
	if have, want, err = p.GetVersions(ctx); err != nil {
		return have, want, err
	}
	if have > want {
		return have, want, vending.ErrNewerSchema.With("Have", have, "Want", want)
	}
	if have < want {
		_, err = p.Up(ctx)
	}
	return have, want, err
}
