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
		for range ofLine {
			h := s.home(fmt.Sprintf("%014d", len(s.homes)+1), true)
			s.homes, slaves = append(s.homes, h), append(slaves, h)
		}
		line := s.serves(slaves, 2400, uint64(l+1))
		if _, err := conn.Exec(t.Context(), `
			with n as (select generate_series($1::int + 1, $1 + $2::int) as no),
			c as (insert into customer (no, name, address, status, tariff, opened_at) select no, '王芳', '', 'in_service', 'gas-money', now() from n returning no),
			m as (insert into meter (customer_no, no, commodity, max_credit, installed_at) select no, lpad(no::text, 14, '0'), 'CNY', 100000, now() from c
				returning customer_no, no)
			insert into line_meter (customer_no, meter_no, protocol, line, baud, parity, address) select customer_no, no, 'cjt188', $3, 2400, 'even', no from m`,
			l*ofLine, ofLine, line); err != nil {
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
