package main

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

// still is a line on which nothing is heard.
type still struct{}

func (still) Exchange(context.Context, []byte, meterproto.Timing, func([]byte) ([]byte, bool)) error {
	return nil
}

// A price gives way to customers three times in a row, and not the fourth time, however many come.
func TestPriceDoesNotStarve(t *testing.T) {
	t.Parallel()
	bus, err := gateway.NewBus("line", still{}, []gateway.Point{{Meter: "a"}}, seldom{}, nil,
		gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l := &gatewayLine{bus: bus, gaveWay: map[string]int{}}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	go bus.Do(ctx, "", gateway.Customer, nil) // a customer waits for a bus that does not run yet
	ask := func(line gateway.Line) error { return line.Exchange(t.Context(), nil, meterproto.Timing{}, nil) }
	for !errors.Is(ask(bus.GivingWay()), gateway.ErrGaveWay) {
		runtime.Gosched()
	}
	for n, want := range []error{gateway.ErrGaveWay, gateway.ErrGaveWay, gateway.ErrGaveWay, nil, gateway.ErrGaveWay} {
		if err := l.givingWay("a", still{}, ask); !errors.Is(err, want) {
			t.Errorf("try %d: %v, not %v", n+1, err, want)
		}
	}
	bus.Leave()
	bus.Run(t.Context())
}
