package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// besidePrice is how long a customer waits who comes a second after a price of DL/T 645 with a ladder has begun, at 2400 baud. What is
// in force stays so where it is cut short, and the next try brings it.
func besidePrice(t *testing.T, gives bool) (waited time.Duration) {
	m, slave, d := priced(tables())
	withSlave(t, electricLine(metersim.Friendly()), slave, func(t *testing.T, line *link.Line) {
		bus, err := gateway.NewBus("line", line, []gateway.Point{{Meter: electricNumber, Driver: d}}, hourly{time.Now().Add(time.Hour)}, nil,
			gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); bus.Run(ctx) }()
		defer func() { stop(); <-ended }()
		said := make(chan meterproto.Result, 1)
		price := func() {
			_ = bus.Do(ctx, electricNumber, gateway.Chore, func(ctx context.Context, line gateway.Line, _ gateway.Point) error {
				if gives {
					line = bus.GivingWay()
				}
				said <- d.SetPrices(ctx, line, electricNumber, dear())
				return nil
			})
		}
		go price()
		pass(time.Second)
		came := time.Now()
		if err := bus.Do(ctx, "", gateway.Customer, func(context.Context, gateway.Line, gateway.Point) error { return nil }); err != nil {
			t.Error(err)
		}
		waited = time.Since(came)
		if r := <-said; gives != errors.Is(r.Reason, gateway.ErrGaveWay) {
			t.Errorf("gives way %t: %v, %v", gives, r.Outcome, r.Reason)
		}
		if gives {
			m.hour()
			wantPrices(t, d, line, cheap())
			price()
			<-said
		}
		m.hour()
		wantPrices(t, d, line, dear())
	})
	return waited
}

// A customer does not wait for the end of a price that has begun, but for that of one question.
func TestPriceGivesWayToACustomer(t *testing.T) {
	t.Parallel()
	whole, gives := besidePrice(t, false), besidePrice(t, true)
	t.Logf("a customer who comes a second after a price has begun waits %v, and %v where it gives way", whole, gives)
	if whole < 5*time.Second || gives > time.Second {
		t.Error("that is not what was meant")
	}
}
