package store_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
	"github.com/vendgate/vendgate/vending/store/cluster"
)

// closeMeters is how many meters BenchmarkMonthClose closes; CLOSE_METERS says
// otherwise (make bench: a million).
const closeMeters = 30_000

// history fills the books straight in SQL with a year of meters: each quarter one
// purchase and one report, in the order of time, each with its records, transfers
// and balances, and one close before. $1 is the quarter, from 0.
var history = []string{
	`insert into customer (no, name, address, status, tariff, opened_at)
		select i, '王芳', '和平里 ' || i, 'in_service', 'gas-residential', '2025-10-01 00:00+08' from numbers`,
	`insert into meter (customer_no, no, commodity, max_credit, installed_at)
		select i, '1' || lpad(i::text, 13, '0'), 'L', 1000000, '2025-10-01 00:00+08' from numbers`,
	`insert into card (customer_no, no, uid, meter_no, state, key_version, issued_at)
		select i, i::text, int8send(i), '1' || lpad(i::text, 13, '0'), 'active', 1, '2025-10-01 00:00+08' from numbers`,
}

// quarter is run for each of the four, with a number for q.
var quarter = []string{
	`insert into purchase (customer_no, id, card_no, meter_no, count, means, till, tariff, tariff_from, commodity, money_fen, cost_fen,
			credit, total, state, attempt, proof, opened_at, settled_at, recorded_at)
		select i, md5('p' || q || i)::uuid, i::text, '1' || lpad(i::text, 13, '0'), q + 1, 'cash', '1-1', 'gas-residential', '2000-01-01 00:00+08', 'L', 20000, 19999,
			76040, 76040 * (q + 1), 'loaded', 1, 'card', bought, bought, bought from quarter`,
	`insert into ledger_record (customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash)
		select i, 3 * q + 1, md5('p' || q || i)::uuid, 'purchase', 'clerk', 'counter 1', '', '', sha256(''), 'null', bought, bought, sha256(int8send(i))
		from quarter`,
	`insert into ledger_record (customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash)
		select i, 3 * q + 2, md5('s' || q || i)::uuid, 'settle', 'clerk', 'counter 1', '', '', sha256(''), 'null', bought, bought, sha256(int8send(i))
		from quarter`,
	`insert into ledger_transfer (customer_no, seq, id, kind, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at)
		select i, 3 * q + 1, md5(role || q || i)::uuid, kind, debit, credit, commodity, amount, md5('p' || q || i)::uuid, period(bought), bought, bought
		from quarter, lateral (values ('m', 'single', 'till:1-1', 'advance:' || i, 'CNY', 20000), ('c', 'pend', 'advance:' || i, 'prepaid:' || i, 'CNY', 19999),
			('k', 'pend', 'sold:all', 'card:' || i, 'L', 76040)) t (role, kind, debit, credit, commodity, amount)`,
	`insert into ledger_transfer (customer_no, seq, id, kind, pend_id, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at)
		select i, 3 * q + 2, md5(role || 'post' || q || i)::uuid, 'post', md5(role || q || i)::uuid, debit, credit, commodity, amount,
			md5('p' || q || i)::uuid, period(bought), bought, bought
		from quarter, lateral (values ('c', 'advance:' || i, 'prepaid:' || i, 'CNY', 19999), ('k', 'sold:all', 'card:' || i, 'L', 76040))
			t (role, debit, credit, commodity, amount)`,
	`insert into report (customer_no, meter_no, meter_time, source, loaded, remaining, consumed, resolution, valve_open, battery_low, recorded_at)
		select i, '1' || lpad(i::text, 13, '0'), seen, 'card', 76040 * (q + 1), 76040 * (q + 1) - used, used, 1, true, false, seen from quarter`,
	`insert into ledger_record (customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash)
		select i, 3 * q + 3, md5('r' || q || i)::uuid, 'report', 'system:intake', 'counter 1', '', '', sha256(''), 'null', seen, seen, sha256(int8send(i))
		from quarter`,
	`insert into ledger_transfer (customer_no, seq, id, kind, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at)
		select i, 3 * q + 3, md5(role || q || i)::uuid, 'single', debit, credit, 'L', amount, md5('r' || q || i)::uuid, period(seen), seen, seen
		from quarter, lateral (values ('t', 'card:' || i, 'meter:1' || lpad(i::text, 13, '0'), 76040),
			('b', 'meter:1' || lpad(i::text, 13, '0'), 'consumed:1' || lpad(i::text, 13, '0'), case q when 0 then used else 60000 end)) t (role, debit, credit, amount)`,
}

// closed is what the close of August left.
var closed = []string{
	`insert into close_line select i, '1' || lpad(i::text, 13, '0'), 202608, 'residential', 'L', 'estimated', '2026-08-01 00:00+08', 0, 200000, 304160, 180000,
		79996, earned, vat, earned, vat from august`,
	`insert into ledger_record (customer_no, seq, id, kind, who, origin, approved, why, request, detail, occurred_at, recorded_at, hash)
		select i, 13, md5('close' || i)::uuid, 'month close', 'finance', 'office', '', '', sha256(''), 'null', '2026-09-01 09:00+08', '2026-09-01 09:00+08',
		sha256(int8send(i)) from august`,
	`insert into ledger_transfer (customer_no, seq, id, kind, debit, credit, commodity, amount, cause, period, occurred_at, recorded_at)
		select i, 13, md5(credit || i)::uuid, 'single', 'prepaid:' || i, credit, 'CNY', amount, md5('close' || i)::uuid, 202608, '2026-09-01 09:00+08',
		'2026-09-01 09:00+08' from august, lateral (values ('revenue:residential', earned - vat), ('vat:output', vat)) t (credit, amount)`,
	`insert into ledger_balance (customer_no, account, commodity, bounded, owing, debits_posted, credits_posted, debits_pending, credits_pending)
		select i, account, commodity, account not like 'meter:%', false, debits, credits, 0, 0 from august, lateral (values
			('advance:' || i, 'CNY', 79996, 80000), ('prepaid:' || i, 'CNY', earned, 79996), ('card:' || i, 'L', 304160, 304160),
			('meter:1' || lpad(i::text, 13, '0'), 'L', used, 304160), ('consumed:1' || lpad(i::text, 13, '0'), 'L', 0, used))
			t (account, commodity, debits, credits)`,
	`insert into month_close (period, state, started_at, closed_at) values (202608, 'closed', '2026-09-01 09:00+08', '2026-09-01 09:00+08')`,
	`update ledger_period set closed = 202608`,
}

// fill makes the history of n meters. A superuser does, without the checks of foreign
// keys: they would take longer than all else.
func (d *database) fill(b *testing.B, n int) {
	dsn := strings.Replace(d.dsn, "user="+cluster.Role, "user="+cluster.Superuser, 1)
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		b.Fatal(err)
	}
	config.ConnConfig.RuntimeParams["session_replication_role"] = "replica"
	config.ConnConfig.RuntimeParams["role"] = cluster.Role
	root, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	d = &database{Store: d.Store, sql: root}
	d.by(b, `create function period(at timestamptz) returns int language sql immutable as
		'select (extract(year from at at time zone ''+08'') * 100 + extract(month from at at time zone ''+08''))::int'`)
	d.by(b, fmt.Sprintf(`create view numbers as select i::bigint from generate_series(1000001, 1000000 + %d) i`, n))
	for _, sql := range history {
		d.by(b, sql)
	}
	for q := range 4 {
		// A third of the meters is read in September, others in July and August.
		d.by(b, fmt.Sprintf(`create or replace view quarter as select i, %[1]d as q, 60000 * %[1]d + 50000 + i %% 7000 as used,
			timestamptz '2025-10-05 09:00+08' + interval '3 months' * %[1]d + interval '1 minute' * (i %% 9000) as bought,
			timestamptz '2025-10-20 09:00+08' + interval '3 months' * %[1]d + interval '1 month' * (i %% 3) + interval '1 minute' * (i %% 9000) as seen
			from numbers`, q))
		for _, sql := range quarter {
			d.by(b, sql)
		}
	}
	// Two lots and 47,920 litres of the third: 39,998 and 12,603 fen.
	d.by(b, `create view august as select i, 52601 as earned, 4343 as vat, 230000 + i % 7000 as used from numbers`)
	for _, sql := range closed {
		d.by(b, sql)
	}
	d.by(b, `vacuum analyze`)
}

// scan is how long a plain sequential scan of tables takes that are warm.
func (d *database) scan(b *testing.B, tables ...string) (took time.Duration, rows int64) {
	conn, err := d.sql.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(b.Context(), `set max_parallel_workers_per_gather = 0; set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off`); err != nil {
		b.Fatal(err)
	}
	for range 2 {
		rows = 0
		start := time.Now()
		for _, table := range tables {
			var n int64
			if err := conn.QueryRow(b.Context(), `select count(*) from `+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
				b.Fatal(err)
			}
			rows += n
		}
		took = time.Since(start)
	}
	return took, rows
}

// BenchmarkMonthClose closes September of meters with a year behind them, on the
// private PostgreSQL with durable settings, and reports meters a second, how many
// plain sequential scans of the same tables that takes, and the most memory in use.
func BenchmarkMonthClose(b *testing.B) {
	n := closeMeters
	if s := os.Getenv("CLOSE_METERS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	d := open(b)
	began := time.Now()
	d.fill(b, n)
	b.Logf("filled in %.1f s", time.Since(began).Seconds())
	if n <= closeMeters { // the history itself is right
		if found, err := ledger.Check(b.Context(), d.sql); err != nil || len(found) > 0 {
			b.Fatal(found[:min(3, len(found))], err)
		}
	}
	read, _ := d.scan(b, "customer", "meter", "purchase", "lot", "report", "close_line")
	all, rows := d.scan(b, "customer", "meter", "purchase", "lot", "report", "close_line", "ledger_record", "ledger_transfer", "ledger_balance")
	var peak uint64
	o := store.DefaultCloseOptions()
	o.Progress = func(int64, int64) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapInuse)
	}
	period := 202609
	b.ResetTimer()
	for range b.N { // one month after another
		end := vending.PeriodEnd(period)
		d.on(b, end.Month(), 1, 9)
		start := time.Now()
		month, err := d.CloseMonth(context.Background(), vending.Deed{By: accountant}, period, o)
		if err != nil || month.Meters != int64(n) {
			b.Fatal(month, err)
		}
		took := time.Since(start)
		b.Logf("%s: %d meters, %d measured, %d estimated, %d fen, in %.1f s; a scan of what is read takes %.2f s, of all %d rows %.2f s",
			vending.FormatPeriod(period), n, month.Measured, month.Estimated, month.Earned.Gross, took.Seconds(), read.Seconds(), rows, all.Seconds())
		b.ReportMetric(float64(n)/took.Seconds(), "meters/s")
		b.ReportMetric(took.Seconds()/all.Seconds(), "×scan")
		b.ReportMetric(took.Seconds()/read.Seconds(), "×scan-of-read")
		b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
		period = vending.NextPeriod(period)
	}
}
