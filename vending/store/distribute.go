package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/vending"
)

// Shard is a step of distributing the database: a table or function, and what does it. Done is that it was done before.
type Shard struct {
	Object string
	SQL    string
	Done   bool
}

// sharding is what a step needs: the triggers that keep the books unchanged look at no other row, so each shard may have its own.
const sharding = `set citus.enable_unsafe_triggers to on`

// Distribute distributes the database by customer number over the workers of Citus, step by step, and says each. What is done
// already is said and left alone, so that it can be run again after it failed, and after each new version. A dry run says the
// steps and takes none. It fails with vending.ErrNoCitus where the extension is not there.
func (s *Store) Distribute(ctx context.Context, dry bool, each func(Shard) error) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// Its session was changed; it is not used again.
	own := conn.Hijack()
	defer own.Close(context.WithoutCancel(ctx))
	steps, err := shards(ctx, own)
	if err != nil {
		return refusal(err)
	}
	for _, step := range steps {
		// Each is a transaction of its own: Citus copies rows to the workers over connections of its own.
		if !step.Done && !dry {
			if _, err := own.Exec(ctx, step.SQL); err != nil {
				return refusal(fmt.Errorf("%s: %w", step.SQL, err))
			}
		}
		if err := each(step); err != nil {
			return err
		}
	}
	return nil
}

// table is one of ours, and how it is distributed.
type table struct {
	name       string
	refers     []string // tables that its foreign keys refer to
	first      string   // column
	byCustomer bool     // has a customer_no
	done       bool
}

// shards are all steps in their order: what is referred to comes first.
func shards(ctx context.Context, conn *pgx.Conn) ([]Shard, error) {
	// The role of the service may not change tables.
	if _, err := conn.Exec(ctx, `reset role`); err != nil {
		return nil, err
	}
	var there bool
	if err := conn.QueryRow(ctx, `select to_regclass('pg_dist_partition') is not null`).Scan(&there); err != nil {
		return nil, err
	}
	if !there {
		return nil, vending.ErrNoCitus
	}
	steps, err := functionShards(ctx, conn)
	if err != nil {
		return nil, err
	}
	tables, err := tablesOf(ctx, conn)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(tables, func(a, b table) int { return a.rank() - b.rank() })
	for len(tables) > 0 {
		next := slices.IndexFunc(tables, func(t table) bool {
			return !slices.ContainsFunc(tables, func(other table) bool { return other.name != t.name && slices.Contains(t.refers, other.name) })
		})
		if next < 0 {
			return nil, fmt.Errorf("the tables of %s refer to each other in a circle", tables[0].name)
		}
		sql, err := tables[next].sql()
		if err != nil {
			return nil, err
		}
		steps = append(steps, Shard{tables[next].name, sql, tables[next].done})
		tables = slices.Delete(tables, next, next+1)
	}
	return append([]Shard{{Object: "session", SQL: sharding, Done: !slices.ContainsFunc(steps, func(s Shard) bool { return !s.Done })}}, steps...), nil
}

// rank: what others refer to, or are beside of, comes first.
func (t table) rank() int {
	switch {
	case slices.Contains(ReferenceTables, t.name):
		return 0
	case t.name == anchor:
		return 1
	case slices.Contains(Directories, t.name):
		return 3
	}
	return 2
}

// anchor is the table beside whose rows stand those of the same customer.
const anchor = "customer"

func (t table) sql() (string, error) {
	switch {
	case slices.Contains(ReferenceTables, t.name):
		return fmt.Sprintf(`select create_reference_table('%s')`, t.name), nil
	case t.name == anchor:
		return fmt.Sprintf(`select create_distributed_table('%s', 'no', colocate_with := 'none')`, t.name), nil
	case slices.Contains(Directories, t.name):
		return fmt.Sprintf(`select create_distributed_table('%s', '%s', colocate_with := 'none')`, t.name, t.first), nil
	case t.byCustomer:
		return fmt.Sprintf(`select create_distributed_table('%s', 'customer_no', colocate_with := '%s')`, t.name, anchor), nil
	}
	return "", fmt.Errorf("table %s has no customer_no: it belongs in ReferenceTables or Directories of vending/store/shard.go", t.name)
}

const tablesSQL = `
select c.relname, coalesce((select array_agg(distinct r.relname::text) from pg_constraint k join pg_class r on r.oid = k.confrelid
		where k.conrelid = c.oid and k.contype = 'f' and r.oid <> c.oid), '{}'),
	(select attname from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped order by attnum limit 1),
	exists (select from pg_attribute where attrelid = c.oid and attname = 'customer_no' and not attisdropped),
	exists (select from pg_dist_partition p where p.logicalrelid = c.oid)
from pg_class c
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname not like 'goose\_%'
	and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by c.relname`

func tablesOf(ctx context.Context, conn *pgx.Conn) ([]table, error) {
	rows, err := conn.Query(ctx, tablesSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t table, err error) {
		return t, row.Scan(&t.name, &t.refers, &t.first, &t.byCustomer, &t.done)
	})
}

// functionsSQL lists those that statements call. Those of triggers follow their tables.
const functionsSQL = `
select p.oid::regprocedure::text, exists (select from pg_dist_object o where o.classid = 'pg_proc'::regclass and o.objid = p.oid)
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype and p.prokind = 'f'
	and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
order by 1`

func functionShards(ctx context.Context, conn *pgx.Conn) ([]Shard, error) {
	rows, err := conn.Query(ctx, functionsSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Shard, err error) {
		if err := row.Scan(&s.Object, &s.Done); err != nil {
			return s, err
		}
		s.SQL = fmt.Sprintf(`select create_distributed_function('%s')`, strings.ReplaceAll(s.Object, "'", "''"))
		return s, nil
	})
}
