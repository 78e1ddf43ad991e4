package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/store"
)

// BenchmarkChores asks the books of a company with 20,000 meters on 1,000 lines what waits: all of them, and next to none.
func BenchmarkChores(b *testing.B) {
	const meters, ofLine = 20_000, 20
	d := open(b)
	d.price(b, moneyAt(midnight(2000, 1, 1), 263))
	d.by(b, `insert into customer (no, name, address, status, tariff, opened_at) select n, '王芳', '', 'in_service', 'gas-money', now() from generate_series(1, $1::int) n`, meters)
	d.by(b, `insert into meter (customer_no, no, commodity, max_credit, installed_at) select no, lpad(no::text, 14, '0'), 'CNY', 100000, now() from customer`)
	d.by(b, `insert into line_meter (customer_no, meter_no, model, line, baud, parity, address)
		select customer_no, no, 'cjt188-money', 'tcp://10.0.0.1:' || customer_no / $1, 2400, 'even', no from meter`, ofLine)
	d.by(b, `insert into card (customer_no, no, uid, meter_no, state, key_version, issued_at)
		select customer_no, 'line' || no, decode('fa' || no, 'hex'), no, 'active', 1, now() from meter`)
	var on []store.OnBus
	for n := range meters {
		on = append(on, store.OnBus{Meter: fmt.Sprintf("%014d", n+1), Bus: int32(n / ofLine)})
	}
	ask := func(b *testing.B, want int) {
		for b.Loop() {
			list, err := d.DueChores(b.Context(), on, time.Hour, ofLine)
			if _, err2 := d.WaitingSince(b.Context()); err != nil || err2 != nil || len(list) != want {
				b.Fatal(len(list), err, err2)
			}
		}
	}
	d.by(b, `analyze`)
	b.Run("all wait", func(b *testing.B) { ask(b, meters) })
	d.by(b, `insert into price_order (customer_no, meter_no, code, valid_from, state, confirmed_at)
		select m.customer_no, m.no, v.code, v.valid_from, $1, now() from meter m, tariff_version v where v.code = 'gas-money'`, vending.OrderConfirmed)
	d.by(b, `insert into meter_chore (customer_no, meter_no, kind, about, tries, not_before, given_up)
		select customer_no, no, 'price', 'gas-money 2000-01-01', 0, now() + interval '1 day', false from meter`)
	d.by(b, `analyze`)
	b.Run("none waits", func(b *testing.B) { ask(b, 0) })
}
