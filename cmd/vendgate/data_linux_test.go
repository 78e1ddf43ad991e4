package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vendgate/vendgate/fixtures/pgtest"
	"github.com/vendgate/vendgate/vending/store/cluster"
)

func keysOf[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }

func (s *site) query(ts *testscript.TestScript, dsn, sql string, do func(*pgx.Conn) error) {
	conn, err := pgx.Connect(s.t.Context(), dsn)
	ts.Check(err)
	defer conn.Close(s.t.Context())
	if do == nil {
		do = func(c *pgx.Conn) error {
			_, err := c.Exec(s.t.Context(), sql)
			return err
		}
	}
	ts.Check(do(conn))
}

func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: sql QUERY")
	}
	of(ts).query(ts, of(ts).dsn, args[0], nil)
}

// cmdAwait waits until the query selects true.
func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await QUERY")
	}
	s := of(ts)
	ctx, cancel := context.WithTimeout(s.t.Context(), waiting)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	s.query(ts, s.dsn, "", func(c *pgx.Conn) error {
		for {
			var so bool
			if err := c.QueryRow(ctx, args[0]).Scan(&so); err != nil || so {
				return err
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("waited in vain: %s", args[0])
			case <-tick.C:
			}
		}
	})
}

// cmdTamper is the one who may do anything to the database.
func cmdTamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tamper QUERY")
	}
	dsn := strings.Replace(of(ts).dsn, "user="+cluster.Role, "user="+cluster.Superuser, 1)
	// In this mode no trigger fires, as in a restore.
	of(ts).query(ts, dsn, "set session_replication_role = replica; "+args[0], nil)
}

// rows is every row that says who owns what.
func (s *site) rows(ts *testscript.TestScript) string {
	const sql = `select coalesce(string_agg(line, E'\n' order by line), '') from (
		select x::text from customer x union all select x::text from meter x union all select x::text from card x
		union all select x::text from purchase x union all select x::text from report x
		union all select x::text from charge x union all select x::text from account_step x union all select x::text from meter_swap x
		union all select x::text from lot x union all select x::text from ledger_transfer x union all select x::text from ledger_balance x) all_rows (line)`
	var rows string
	s.query(ts, s.dsn, "", func(c *pgx.Conn) error { return c.QueryRow(s.t.Context(), sql).Scan(&rows) })
	return rows
}

func cmdPrivate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: private")
	}
	s := of(ts)
	s.dsn = ""
	ts.Setenv("DATABASE_URL", "")
	ts.Setenv("DATA_DIR", pgtest.DataDir(s.t))
}

// sums are the keys of money and of credit: each record that has one says what it counts.
var sums = map[string][]string{
	"currency": {"money_fen", "cost_fen", "change_fen"},
	"unit":     {"credit", "total", "sold", "on_card", "in_meter", "consumed", "loaded", "remaining", "meter_loaded", "max_credit"},
	// The trial balance has both kinds.
	"commodity": {"posted", "incoming", "outgoing"},
}

func cmdIntegers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: integers")
	}
	d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	d.UseNumber()
	var data any
	ts.Check(d.Decode(&data))
	checkIntegers(ts, data)
}

func checkIntegers(ts *testscript.TestScript, data any) {
	switch v := data.(type) {
	case []any:
		for _, each := range v {
			checkIntegers(ts, each)
		}
	case json.Number:
		if _, err := v.Int64(); err != nil {
			ts.Fatalf("%s is not an integer", v)
		}
	case map[string]any:
		for of, keys := range sums {
			if _, ok := v[of].(string); !ok && slices.ContainsFunc(keys, func(key string) bool { return v[key] != nil }) {
				ts.Fatalf("sums without %s: %v", of, v)
			}
		}
		for _, each := range v {
			checkIntegers(ts, each)
		}
	}
}
