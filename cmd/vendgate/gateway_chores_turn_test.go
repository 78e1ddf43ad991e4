package main

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// seldom is a calendar that nobody waits for.
type seldom struct{}

func (seldom) Next(t time.Time) time.Time { return t.Add(1000 * time.Hour) }

// A chore waits for its turn for less than a minute; once it has begun it has the time of a loan, and more where the line is slow.
func TestChoreHasItsTimeOnceItHasBegun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		busy  time.Duration // the line, before
		baud  int
		begun bool
		has   time.Duration
	}{
		{0, 2400, true, link.MaxLoan}, {40 * time.Second, 2400, true, link.MaxLoan}, {40 * time.Second, 300, true, 4 * link.MaxLoan},
		{50 * time.Second, 300, false, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			bus, err := gateway.NewBus("line", nil, []gateway.Point{{Meter: "a"}}, seldom{}, nil,
				gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.NewTextHandler(io.Discard, nil)))
			if err != nil {
				t.Fatal(err)
			}
			go bus.Run(ctx)
			go bus.Do(ctx, "", gateway.Customer, func(context.Context, gateway.Line, gateway.Point) error {
				time.Sleep(c.busy) // of the bubble's clock
				return nil
			})
			synctest.Wait()
			var has time.Duration
			begun, err := inTurn(ctx, bus, "a", choreTime(c.baud), func(ctx context.Context, _ gateway.Line, _ gateway.Point) error {
				start := time.Now()
				<-ctx.Done()
				has = time.Since(start)
				return ctx.Err()
			})
			if begun != c.begun || err == nil || has != c.has {
				t.Errorf("busy for %v, %d baud: begun %v, it had %v, %v", c.busy, c.baud, begun, has, err)
			}
			stop()
		})
	}
}
