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
	return done, grant(ctx, db)
}

// grantSQL gives the service's role the rights that migrations gave it where it was there at
// the time: to add to what is never changed, and to work with the rest. A role that an
// administrator, or the repair of a private cluster, made later has none.
const grantSQL = `
do $$ declare of text; begin
	grant usage on schema public to vendgate_service;
	for of in select quote_ident(relname) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
			and relname not like 'goose\_%' and relname not like 'ledger\_%' loop
		execute format('grant select, insert on %s to vendgate_service', of);
		if of not in ('lot', 'look') then
			execute format('grant update, delete on %s to vendgate_service', of);
		end if;
	end loop;
	grant usage, select on all sequences in schema public to vendgate_service;
	alter default privileges in schema public grant select, insert, update, delete on tables to vendgate_service;
	alter default privileges in schema public grant usage on sequences to vendgate_service;
end $$;
` + ledger.GrantSQL

// grant does so where the role is there and has no right to the books.
func grant(ctx context.Context, db *sql.DB) error {
	var lacks bool
	err := db.QueryRowContext(ctx, `select exists (select from pg_roles where rolname = 'vendgate_service'
		and not has_table_privilege(oid, 'customer', 'select'))`).Scan(&lacks)
	if err == nil && lacks {
		_, err = db.ExecContext(ctx, grantSQL)
	}
	if err != nil {
		return fmt.Errorf("rights of vendgate_service: %w", err)
	}
	return nil
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
