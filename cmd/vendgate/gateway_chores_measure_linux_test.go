package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/vending/store"
)

// roundsSeen sees the gateway ask the books what is due.
type roundsSeen struct {
	n    atomic.Int64
	each chan struct{}
}

// TraceQueryStart counts a round, and says so to whoever waits for it.
func (r *roundsSeen) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	if strings.Contains(q.SQL, "row_number") {
		r.n.Add(1)
		select {
		case r.each <- struct{}{}:
		default:
		}
	}
	return ctx
}

// TraceQueryEnd is of no interest.
func (*roundsSeen) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// How long chores have waited is asked once in ten rounds, and keeps none waiting: it may hang, and it may fail.
func TestChoresAreMeasuredBesideThem(t *testing.T) {
	t.Parallel()
	config, err := pgxpool.ParseConfig(books.New(t))
	if err != nil {
		t.Fatal(err)
	}
	rounds := &roundsSeen{each: make(chan struct{})}
	config.ConnConfig.Tracer = rounds
	s, err := store.OpenConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f := &gatewayField{log: slog.New(slog.DiscardHandler), news: make(chan inBooks, 1)}
	c := newChores(choresConfig{Each: duration(time.Millisecond)}, f, newChoreMetrics(prometheus.NewRegistry()))
	ctx, stop := context.WithTimeout(t.Context(), waiting)
	defer stop()
	var asked, before int64
	c.since = func(_ *store.Store, ctx context.Context) (store.WaitingSince, error) {
		if asked++; asked == 3 {
			before = rounds.n.Load()
			stop()
		}
		for range 2 {
			select {
			case <-rounds.each:
			case <-ctx.Done():
			}
		}
		return store.WaitingSince{}, errors.New("it is away")
	}
	c.run(ctx, s)
	if asked != 3 || before < 20 {
		t.Errorf("asked %d times, the third after %d rounds", asked, before)
	}
}
