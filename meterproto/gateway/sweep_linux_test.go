package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

// once is a schedule of one reading, now.
type once struct{ at time.Time }

func (o once) Next(t time.Time) time.Time {
	if t.Before(o.at) {
		return o.at
	}
	return t.Add(24 * time.Hour)
}

// row is water meters on a pseudo-terminal, one line. Requests have no preamble: the simulator
// keeps the time of a frame, not of what stands before it.
type row struct {
	baud, meters int
	think        time.Duration
	faults       metersim.FaultPlan
}

// sweep reads all of them with a gateway's loop, and says how long it took and how often each was kept.
func (r row) sweep(t *testing.T) (took time.Duration, kept map[string]int) {
	t.Helper()
	bus := metersim.NewBus(metersim.Line{Baud: r.baud, Think: r.think, Faults: r.faults, Seed: 11, Log: io.Discard})
	driver := gateway.Water()
	driver.Preamble, driver.SER = 0, new(gateway.Counter)
	var points []gateway.Point
	for i := range r.meters {
		s := someState()
		s.Number = fmt.Sprintf("780100012%05d", i)
		bus.Join(&metersim.CJT188{Type: metersim.Water, Meter: still(s)})
		points = append(points, gateway.Point{Meter: s.Number, Driver: driver})
	}
	pty, err := metersim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = bus.Serve(pty) })
	defer serving.Wait()
	defer func() { _ = pty.Close() }()
	line, err := link.Open(pty.Path, link.Mode{Baud: r.baud})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = line.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	kept, start := map[string]int{}, time.Now()
	sink := keep(func(h gateway.Heard) {
		if kept[h.Meter]++; len(kept) == r.meters {
			took = time.Since(start)
			cancel()
		}
	})
	b, err := gateway.NewBus("row", line, points, once{start}, sink, gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	b.Run(ctx)
	return took, kept
}

// floor is what no master can fall below: request, the meter's delay, reply and the idle line, for each.
func (r row) floor() time.Duration {
	const request, reply = 16, 35
	char := 11 * time.Second / time.Duration(r.baud)
	return time.Duration(r.meters) * ((request+reply)*char + r.think + gateway.Water().Timing.Idle)
}

// A sweep of a line: with SOAK in real time at 2400 baud, within 5 % of the floor; else at a rate at which only
// the order of things is tested. Then the same with 5 % of the replies lost.
func TestSoakSweepOfALine(t *testing.T) {
	t.Parallel()
	r := row{baud: 115200, meters: 16, think: time.Millisecond}
	if os.Getenv("SOAK") != "" {
		r = row{baud: 2400, meters: 64, think: 20 * time.Millisecond}
	}
	for _, lose := range []bool{false, true} {
		answers, silent := 0, 0
		r.faults = func(*rand.Rand) metersim.Fault {
			if answers++; lose && answers%20 == 10 {
				silent++
				return metersim.Silence
			}
			return metersim.NoFault
		}
		took, kept := r.sweep(t)
		for meter, n := range kept {
			if n != 1 {
				t.Errorf("meter %s was kept %d times", meter, n)
			}
		}
		t.Logf("%d meters at %d baud, %d replies lost: %v, floor without losses %v (%.1f %% above)", len(kept), r.baud, silent,
			took.Round(time.Millisecond), r.floor().Round(time.Millisecond), 100*(took-r.floor()).Seconds()/r.floor().Seconds())
		if len(kept) != r.meters {
			t.Errorf("%d of %d meters were read", len(kept), r.meters)
		}
		if lose != (silent > 0) {
			t.Errorf("%d replies were lost", silent)
		}
		if os.Getenv("SOAK") != "" && !lose && took > r.floor()*105/100 {
			t.Errorf("more than 5 %% above the floor")
		}
	}
}
