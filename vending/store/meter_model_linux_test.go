package store_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// Meters that an earlier version put on lines by protocol are asked as before, by the models of which there was one for each.
// They go back, those of models that were described since too.
func TestLineMetersOfAnEarlierVersionAreKept(t *testing.T) {
	t.Parallel()
	dsn, db, books := earlier(t, 80)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), sql, args...)
		must(t, err)
	}
	exec(`insert into customer (no, name, address, status, tariff, opened_at) values (1001, 'n', '', 'in_service', 'gas-residential', '2020-01-01')`)
	want, spoke := map[string]string{}, map[string]string{}
	for i, c := range []struct{ protocol, counts, model string }{
		{"cjt188", "L", "cjt188-gas"}, {"cjt188", "CNY", "cjt188-money"}, {"cjt188", "Wh", "cjt188-heat"},
		{"dlt645", "Wh", "dlt645"}, {"dlt645", "CNY", "dlt645-money"},
		{"mbus", "L", "mbus"}, {"modbus", "L", "modbus"}, {"iec62056-21", "Wh", "iec62056-21"},
	} {
		no := fmt.Sprintf("%014d", i)
		want[no], spoke[no] = c.model, c.protocol
		exec(`insert into meter (customer_no, no, commodity, max_credit) values (1001, $1, $2, 1)`, no, c.counts)
		exec(`insert into line_meter (customer_no, meter_no, protocol, line, baud, parity, address) values (1001, $1, $2, 'ttyUSB0', 2400, 'even', $1)`, no, c.protocol)
	}
	s, err := store.Open(t.Context(), dsn)
	must(t, err)
	defer s.Close()
	list, err := s.LineMeters(t.Context())
	must(t, err)
	got := map[string]string{}
	for _, m := range list {
		must(t, m.Valid())
		got[m.Meter] = m.Model
		if m.Line != "ttyUSB0" || m.Baud != 2400 || m.Parity != "even" || m.Address != m.Meter {
			t.Errorf("%+v", m)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}

	exec(`insert into meter_model (name, description) values ('tidy', '{"base": "cjt188-water"}')`)
	exec(`update line_meter set model = 'tidy' where meter_no = $1`, fmt.Sprintf("%014d", 0))
	_, err = books.DownTo(t.Context(), 80)
	must(t, err)
	rows, err := db.QueryContext(t.Context(), `select meter_no, protocol from line_meter`)
	must(t, err)
	defer rows.Close()
	back := map[string]string{}
	for rows.Next() {
		var no, protocol string
		must(t, rows.Scan(&no, &protocol))
		back[no] = protocol
	}
	must(t, rows.Err())
	if !maps.Equal(back, spoke) {
		t.Errorf("%v, want %v", back, spoke)
	}
}

// A description is kept to the byte; there is one of a name.
func TestMeterModelIsKept(t *testing.T) {
	t.Parallel()
	d := open(t)
	text := `{"base": "modbus",  "map": {"b":1,"a":[1.50]}}`
	for _, text := range []string{`{"base":"mbus"}`, text} {
		must(t, d.ForCompany(t.Context(), vending.Deed{Kind: vending.DeedMeterModel, By: vending.Actor{Staff: "chief"}}, func(tx *store.Tx) error {
			return tx.PutMeterModel(t.Context(), vending.MeterModel{Name: "tidy", Description: []byte(text)})
		}))
	}
	m, found, err := d.MeterModel(t.Context(), "tidy")
	if err != nil || !found || string(m.Description) != text {
		t.Errorf("%s, %v, %v", m.Description, found, err)
	}
	if list, err := d.MeterModels(t.Context()); err != nil || len(list) != 1 || !list[0].Same(m) {
		t.Errorf("%v, %v", list, err)
	}
	if _, found, err := d.MeterModel(t.Context(), "tidier"); found || err != nil {
		t.Error(found, err)
	}
}

// Whatever is said otherwise of meters on lines, or of their models, has another digest; and nothing else has.
func TestLineDigestTellsOfEveryChange(t *testing.T) {
	t.Parallel()
	d := open(t)
	seen := map[string]string{}
	look := func(what string) string {
		t.Helper()
		digest, err := d.LineDigest(t.Context())
		must(t, err)
		if was, ok := seen[digest]; ok {
			t.Errorf("%s: as it was: %s", what, was)
		}
		seen[digest] = what
		return digest
	}
	look("nothing")
	d.by(t, `insert into customer (no, name, address, status, tariff, opened_at) values (1001, 'n', '', 'in_service', 'gas-residential', '2020-01-01')`)
	d.by(t, `insert into meter (customer_no, no, commodity, max_credit) select 1001, no, 'L', 1 from unnest(array['1', '2']) no`)
	d.by(t, `insert into line_meter (customer_no, meter_no, model, line, baud, parity, address) values (1001, '1', 'm', 'l', 2400, 'even', '1')`)
	look("a meter")
	for _, set := range []string{`model = 'n'`, `line = 'm'`, `baud = 1200`, `parity = 'none'`, `address = '2'`} {
		d.by(t, `update line_meter set `+set)
		look(set)
	}
	d.by(t, `insert into line_meter (customer_no, meter_no, model, line, baud, parity, address) values (1001, '2', 'n', 'm', 1200, 'none', '2')`)
	look("another meter")
	for _, sql := range []string{`insert into meter_model (name, description) values ('n', '{}')`, `update meter_model set description = '{ }'`,
		`insert into meter_model (name, description) values ('o', '{}')`, `update meter set removed_at = now() where no = '2'`} {
		d.by(t, sql)
		look(sql)
	}
	d.by(t, `update customer set name = 'm'`)
	if digest, err := d.LineDigest(t.Context()); err != nil || seen[digest] == "" {
		t.Errorf("another customer's name is another digest: %v", err)
	}
}
