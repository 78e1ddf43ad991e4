package store_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
)

// floor writes the rows of a purchase, both stages, one statement at a time, as a
// plain program would; with nothing checked and nothing hashed. Where the till is hot
// it keeps the till's total in a row, as plain programs do.
const floor = `
\set c :client_id + :clients * random(0, :share - 1) + 1
select coalesce(max(count), 0) + 1 as n, coalesce(max(total), 0) as t from purchase where customer_no = :c and meter_no = 'm' || :c::text \gset
select coalesce(max(seq), 0) + 1 as s, gen_random_uuid() as id, gen_random_uuid() as a, gen_random_uuid() as b, gen_random_uuid() as m from ledger_record where customer_no = :c \gset
begin;
insert into ledger_record values (:c, :s, :id, 'purchase opened', 'k0', 'hall', '', '', sha256(''), '{"card"= "c1","count"= 1,"credit"= {"N"= 38020,"Commodity"= "L"},"fen"= 10000}', now(), now(), sha256(''));
insert into purchase (id, customer_no, card_no, meter_no, count, means, till, tariff, tariff_from, commodity, money_fen, cost_fen, credit, total, state, attempt, opened_at, vat_bp, staff)
	values (:id, :c, 'k' || :c::text, 'm' || :c::text, :n, 'cash', TILL, 'gas-residential', '2000-01-01 00:00+08', 'L', 10000, 10000, 38020, :t + 38020, 'pending', 1, now(), 900, 'k0');
insert into ledger_transfer values (:c, :m, 'single', null, 'till:' || TILL, 'advance:' || :c::text, 'CNY', 10000, :id, now(), now(), :s, 202611);
insert into ledger_transfer values (:c, :a, 'pend', null, 'advance:' || :c::text, 'prepaid:' || :c::text, 'CNY', 10000, :id, now(), now(), :s, 202611);
insert into ledger_transfer values (:c, :b, 'pend', null, 'sold' || chr(58) || 'all', 'card' || chr(58) || 'k' || :c::text, 'L', 38020, :id, now(), now(), :s, 202611);
update ledger_balance set credits_posted = credits_posted + 10000, debits_pending = debits_pending + 10000 where customer_no = :c and account = 'advance:' || :c::text and commodity = 'CNY';
update ledger_balance set credits_pending = credits_pending + 10000 where customer_no = :c and account = 'prepaid:' || :c::text and commodity = 'CNY';
update ledger_balance set credits_pending = credits_pending + 38020 where customer_no = :c and account = 'card' || chr(58) || 'k' || :c::text and commodity = 'L';
HOTcommit;
begin;
insert into ledger_record values (:c, :s + 1, gen_random_uuid(), 'purchase settled', 'k0', 'hall', '', '', sha256(''), '{"id"= "01a20909-dd32-71c4-a9d3-1a3e7b09bd34","proof"= "card","state"= "loaded"}', now(), now(), sha256(''));
insert into ledger_transfer values (:c, gen_random_uuid(), 'post', :a, 'advance:' || :c::text, 'prepaid:' || :c::text, 'CNY', 10000, :id, now(), now(), :s + 1, 202611);
insert into ledger_transfer values (:c, gen_random_uuid(), 'post', :b, 'sold' || chr(58) || 'all', 'card' || chr(58) || 'k' || :c::text, 'L', 38020, :id, now(), now(), :s + 1, 202611);
update ledger_balance set debits_posted = debits_posted + 10000, debits_pending = debits_pending - 10000 where customer_no = :c and account = 'advance:' || :c::text and commodity = 'CNY';
update ledger_balance set credits_posted = credits_posted + 10000, credits_pending = credits_pending - 10000 where customer_no = :c and account = 'prepaid:' || :c::text and commodity = 'CNY';
update ledger_balance set credits_posted = credits_posted + 38020, credits_pending = credits_pending - 38020 where customer_no = :c and account = 'card' || chr(58) || 'k' || :c::text and commodity = 'L';
update purchase set state = 'loaded', proof = 'card', settled_at = now(), recorded_at = now() where customer_no = :c and id = :id;
update card_seen set generation = generation + 1, count = :n, total = :t + 38020, seen_at = now() where customer_no = :c and card_no = 'k' || :c::text;
commit;
`

const hotRow = `update till_total set fen = fen + 10000 where till = 't0';
`

// pgbench runs a script and returns transactions a second.
func (d *database) pgbench(b *testing.B, script string, n int) float64 {
	path := filepath.Join(b.TempDir(), "script.sql")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		b.Fatal(err)
	}
	bin, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(bin) == 0 {
		b.Fatal("no pgbench", err)
	}
	config, err := pgx.ParseConfig(d.dsn)
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), bin[0], "-n", "-M", "prepared", "-c", strconv.Itoa(n), "-j", strconv.Itoa(min(n, 2)), "-T", strconv.Itoa(int(spell.Seconds())),
		"-D", "clients="+strconv.Itoa(n), "-D", "share="+strconv.Itoa(households/n), "-f", path,
		"-h", config.Host, "-p", strconv.Itoa(int(config.Port)), "-U", config.User, config.Database)
	cmd.Env = append(os.Environ(), "PGPASSWORD="+config.Password)
	out, err := cmd.CombinedOutput()
	found := regexp.MustCompile(`tps = ([0-9.]+)`).FindSubmatch(out)
	if err != nil || found == nil || bytes.Contains(out, []byte("aborted")) {
		b.Fatalf("pgbench: %v: %s", err, out)
	}
	tps, _ := strconv.ParseFloat(string(found[1]), 64)
	return tps
}
