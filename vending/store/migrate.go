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

func migrate(ctx context.Context, config *pgx.ConnConfig) error {
	db := stdlib.OpenDB(*config)
	defer db.Close()
	if err := db.PingContext(ctx); err != nil {
		return down(err)
	}
	for _, schema := range schemas {
		if err := migrateOne(ctx, db, schema.versions, schema.files); err != nil {
			return fmt.Errorf("migrate %s: %w", schema.versions, err)
		}
	}
	return nil
}

func migrateOne(ctx context.Context, db *sql.DB, versions string, files fs.FS) error {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		return err
	}
	// Two programs that start at once take turns: asked for every second, for five minutes.
	turn, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, sub,
		goose.WithTableName(versions), goose.WithSessionLocker(turn))
	if err != nil {
		return err
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > want {
		return vending.ErrNewerSchema.With("Have", have, "Want", want)
	}
	if have == want {
		return nil
	}
	_, err = p.Up(ctx)
	return err
}
