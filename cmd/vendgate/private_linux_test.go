package main

import (
	"log/slog"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/store/cluster"
)

// The books of an earlier version, whose private cluster had no role for the service: once opened by this one the service works as that
// role, may add to the books, and may not change them.
func TestPrivateClusterOfAnEarlierVersion(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := pgtest.DataDir(t)
	own, err := cluster.Open(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	run := func(dsn, sql string, to ...any) error {
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		if len(to) > 0 {
			return conn.QueryRow(ctx, sql).Scan(to...)
		}
		_, err = conn.Exec(ctx, sql)
		return err
	}
	if err := run(own.SuperuserDSN(), `drop role vendgate_service`); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, own.DSN()) // its migrations find no role, and may make none
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	a := &app{dataDir: dir, errs: t.Output()}
	err = a.withStore(ctx, func(s *store.Store) error {
		_, err := s.CheckBooks(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var may, mayNot bool
	err = run(own.DSN(), `select bool_and(has_table_privilege('vendgate_service', name, 'select') and has_table_privilege('vendgate_service', name, 'insert')),
			bool_or(has_table_privilege('vendgate_service', name, 'update') and name in ('ledger_transfer', 'ledger_record', 'ledger_seal', 'ledger_leaf', 'look', 'lot'))
		from (select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'goose%') t`, &may, &mayNot)
	if err != nil || !may || mayNot {
		t.Errorf("the service may use every table: %t; it may change what is never changed: %t; %v", may, mayNot, err)
	}
	if err := run(own.DSN(), `set role vendgate_service; update ledger_transfer set amount = 0`); err == nil {
		t.Error("the service may change transfers")
	}
}
