package store_test

import (
	"context"
	"testing"
	"time"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/vendgate/vendgate/vending/store"
)

func BenchmarkScratch(b *testing.B) {
	dsn := "host=/tmp/pgs port=5999 user=postgres dbname=postgres"
	s, err := store.Open(context.Background(), dsn)
	if err != nil {
		b.Fatal(err)
	}
	p, _ := pgxpool.New(context.Background(), dsn)
	d := &database{Store: s, dsn: dsn, sql: p}
	if len(b.Name()) > 0 {
		var n int
		p.QueryRow(context.Background(), "select count(*) from staff").Scan(&n)
		if n < 20 {
			hallsIn(b, d)
			l := load{d, 1, false}
			for i := range 3000 {
				if _, err := l.direct(0, int64(i%households+1)); err != nil {
					b.Fatal(err)
				}
			}
			d.by(b, "vacuum analyze")
			d.Store.Close()
			d.Store, _ = store.Open(context.Background(), dsn)
		}
	}
	d.by(b, "select pg_stat_statements_reset()")
	l := load{d, 1, false}
	start := time.Now()
	n := 2000
	for i := range n {
		if _, err := l.direct(0, int64(i%households+1)); err != nil {
			b.Fatal(err)
		}
	}
	fmt.Println("per sale", time.Since(start)/time.Duration(n))
}
