package gateway_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/meterproto/link"
)

const metersOfDTU = 4

// dtu is a DTU with its meters, which dials in until it may stay.
func dtu(ctx context.Context, address string, n int, meters []metersim.Slave) error {
	for ctx.Err() == nil {
		if err := dialIn(address, n, meters); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// dialIn registers, and hands requests on until the connection ends.
func dialIn(address string, n int, meters []metersim.Slave) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if _, err := fmt.Fprintf(c, "REG%05d;", n); err != nil {
		return nil // hung up already
	}
	var pending []byte
	buf := make([]byte, 256)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return nil // the hub hung up
		}
		request, rest, ok := metersim.CJT188Line{}.Cut(append(pending, buf[:n]...))
		if pending = append(pending[:0], rest...); !ok {
			continue
		}
		for _, m := range meters {
			if m.Hears(request) {
				if _, err := c.Write(m.Answer(request)); err != nil {
					return nil
				}
			}
		}
	}
}

// paced is a schedule of a reading every so often since start.
type paced struct {
	start time.Time
	every time.Duration
}

func (p paced) Next(t time.Time) time.Time {
	if t.Before(p.start) {
		return p.start
	}
	return p.start.Add((t.Sub(p.start)/p.every + 1) * p.every)
}

// tally counts what was kept.
type tally struct {
	mu   sync.Mutex
	kept map[string]int
	n    atomic.Int64
	more chan struct{}
}

func (c *tally) Keep(_ context.Context, h gateway.Heard) error {
	c.mu.Lock()
	c.kept[h.Meter]++
	c.mu.Unlock()
	c.n.Add(1)
	select {
	case c.more <- struct{}{}:
	default:
	}
	return nil
}

// reach waits until so many are kept.
func (c *tally) reach(t *testing.T, n int64) {
	t.Helper()
	late := time.After(2 * time.Minute)
	for c.n.Load() < n {
		select {
		case <-c.more:
		case <-late:
			t.Fatalf("%d of %d readings", c.n.Load(), n)
		}
	}
}

// Thousands of DTUs over loopback TCP, each with four meters, through the twelve slots of an hour's
// calendar that passes faster than an hour: memory and goroutines stay as they are after the first.
func TestSoakDTUs(t *testing.T) {
	dtus, slots, every := 200, 3, 3*time.Second
	if os.Getenv("SOAK") != "" {
		dtus, slots, every = 2000, 12, 10*time.Second
	}
	hub, err := link.NewHub(link.HubOptions{Registration: `REG(?P<id>[0-9]{5});`})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	sink, metrics := &tally{kept: map[string]int{}, more: make(chan struct{}, 1)}, gateway.NewMetrics(prometheus.NewRegistry())
	schedule := paced{time.Now().Add(every), every}
	for n := range dtus {
		line, err := hub.Line(fmt.Sprintf("%05d", n), link.Mode{Baud: 9600, Latency: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		points, slaves := dtuMeters(n)
		bus, err := gateway.NewBus(fmt.Sprint(n), line, points, schedule, sink, metrics, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() { bus.Run(ctx) })
		running.Go(func() {
			if err := dtu(ctx, l.Addr().String(), n, slaves); err != nil {
				t.Error(err)
			}
		})
	}
	running.Go(func() { _ = hub.Serve(l) })
	defer running.Wait()
	defer func() { _ = l.Close() }()
	defer cancel()
	watchSlots(t, sink, schedule, dtus, slots)
}

// dtuMeters are the meters behind the n-th DTU.
func dtuMeters(n int) (points []gateway.Point, slaves []metersim.Slave) {
	driver := gateway.Water()
	driver.SER = new(gateway.Counter)
	for m := range metersOfDTU {
		s := someState()
		s.Number = fmt.Sprintf("7801%05d%05d", n, m)
		slaves = append(slaves, &metersim.CJT188{Type: metersim.Water, Meter: still(s)})
		points = append(points, gateway.Point{Meter: s.Number, Driver: driver})
	}
	return points, slaves
}

// watchSlots waits for each slot's readings and looks at the process.
func watchSlots(t *testing.T, sink *tally, schedule paced, dtus, slots int) {
	t.Helper()
	var firstHeap uint64
	var firstRoutines int
	for slot := 1; slot <= slots; slot++ {
		began := time.Now()
		sink.reach(t, int64(slot*dtus*metersOfDTU))
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		routines := runtime.NumGoroutine()
		t.Logf("slot %2d of %d DTUs, simulators included: %6d readings, %.1f MB in use, %d goroutines (waited %v)",
			slot, dtus, sink.n.Load(), float64(m.HeapInuse+m.StackInuse)/1e6, routines, time.Since(began).Round(time.Millisecond))
		if slot == 1 {
			firstHeap, firstRoutines = m.HeapInuse+m.StackInuse, routines
			continue
		}
		if now := m.HeapInuse + m.StackInuse; now > firstHeap*5/4+4<<20 || routines > firstRoutines+dtus/20+8 {
			t.Errorf("slot %d: %d bytes and %d goroutines, at first %d and %d", slot, now, routines, firstHeap, firstRoutines)
		}
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	begun := int(time.Since(schedule.start)/schedule.every) + 1 // more than slots on a machine that is too busy for them
	for meter, n := range sink.kept {
		if n < 1 || n > begun || os.Getenv("SOAK") != "" && n < slots { // a busy machine may miss a slot of seconds
			t.Errorf("meter %s was kept %d times in %d slots, of which %d were waited for", meter, n, begun, slots)
		}
	}
}
