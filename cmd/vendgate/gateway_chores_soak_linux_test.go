package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/vendgate/vendgate/fixtures/metersim"
)

// likeFirst opens accounts like that of a meter on a line, with meters of these numbers on the same line.
const likeFirst = `
	with n as (select number, ('10' || right(number, 4))::bigint as no from unnest($1::text[]) number),
	c as (insert into customer select (jsonb_populate_record(c, jsonb_build_object('no', n.no))).* from n, customer c
		where c.no = (select customer_no from meter where no = $2) returning no),
	m as (insert into meter select (jsonb_populate_record(m, jsonb_build_object('no', n.number, 'customer_no', n.no))).* from n, meter m where m.no = $2),
	k as (insert into card select (jsonb_populate_record(k, jsonb_build_object('no', nextval('card_number')::text, 'customer_no', n.no, 'meter_no', n.number,
		'uid', '\xfa' || n.number))).* from n, card k where k.meter_no = $2)
	insert into line_meter select (jsonb_populate_record(l, jsonb_build_object('customer_no', n.no, 'meter_no', n.number, 'address', n.number))).*
		from n, line_meter l where l.meter_no = $2`

// A new price reaches every meter of a company over lines of 2400 baud: with SOAK 512 meters on 64 lines.
func TestSoakPricesReachEveryMeter(t *testing.T) {
	t.Parallel()
	lines, ofLine := 3, 2
	if os.Getenv("SOAK") != "" {
		lines, ofLine = 64, 8
	}
	s := newChoreStreet(t, 0, 1, 1)
	conn, err := pgx.Connect(t.Context(), s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	for l := range lines {
		var slaves []metersim.Slave
		var others []string
		for n := range ofLine {
			h := s.home(fmt.Sprintf("%014d", len(s.homes)+1), true)
			s.homes, slaves = append(s.homes, h), append(slaves, h)
			if n > 0 {
				others = append(others, h.number)
			}
		}
		first := s.homes[len(s.homes)-ofLine:][:1]
		s.joins(s.serves(slaves, 2400, uint64(l+1)), 2400, first)
		if _, err := conn.Exec(t.Context(), likeFirst, others, first[0].number); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.writes(s.config, map[string]any{"books": true, "calendar": map[string]any{"from": 1, "to": 1}, "spool": filepath.Join(t.TempDir(), "spool")})
	begun := time.Now()
	end, ended := s.run(func(int, reading) {})
	s.waits("every meter charges it", `select (select count(*) from price_order where state = 'confirmed') = (select count(*) from meter)`)
	took := time.Since(begun)
	end(os.Interrupt)
	<-ended
	t.Logf("%d meters on %d lines in %v: %.1f a second, %d requests", len(s.homes), lines, took, float64(len(s.homes))/took.Seconds(), s.asks.Load())
	for _, h := range s.homes {
		if h.meter.Snapshot().Prices[0] != 263 {
			t.Errorf("meter %s charges %v", h.number, h.meter.Snapshot().Prices)
		}
	}
	s.vendgate("ledger", "check")
}
