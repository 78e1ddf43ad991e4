package gateway_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

// inWays are meters that are asked in these ways, by the street.
func (s *street) inWays(ways ...string) (out []gateway.Point) {
	for i := 0; i < len(ways); i += 2 {
		out = append(out, gateway.Point{Meter: ways[i], Address: ways[i] + ways[i+1], Driver: s, Way: ways[i+1]})
	}
	return out
}

// A bus that follows goes on with the meters that stay as they are, asks a new one and one that is asked in a new way, and one that is gone no more.
func TestBusFollows(t *testing.T) {
	t.Parallel()
	onStreetSince(t, time.Hour, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		s.set("a", meterproto.ErrNoAnswer)
		s.set("b", meterproto.ErrNoAnswer)
		pass(10 * time.Second) // all were asked, a and b are set aside
		if err := bus.Follow(s.inWays("a", "", "b", "2", "d", "")); err != nil {
			t.Error(err)
		}
		pass(10 * time.Second)
		for meter, want := range map[string][]time.Duration{
			"a": {0}, "b": {time.Second}, "b2": {11 * time.Second}, "c": {2 * time.Second}, "d": {10 * time.Second},
		} {
			if got := s.asked(meter); !slices.Equal(got, want) {
				t.Errorf("%s was asked at %v, not %v", meter, got, want)
			}
		}
		pass(50 * time.Second)
		if got := s.asked("a"); len(got) != 2 || got[1] != 61*time.Second {
			t.Errorf("a, which had been set aside for a minute, was asked at %v", got)
		}
		pass(10 * time.Minute) // the next reading
		if d, c := s.read("d"), s.read("c"); len(d) != 2 || len(c) != 1 {
			t.Errorf("d was read at %v, c, which is gone, at %v", d, c)
		}
		for name, points := range map[string][]gateway.Point{"twice": s.inWays("a", "", "a", "2"), "too many": make([]gateway.Point, gateway.MaxPoints+1)} {
			if err := bus.Follow(points); err == nil {
				t.Errorf("%s: taken", name)
			}
		}
	})
}

// What is under way ends as it began, whatever the bus is to become; who waits for a meter that goes is told, who waits for another one waits on.
func TestJobsOnABusThatFollows(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		ends := map[string]chan error{}
		var order []string
		for _, meter := range []string{"c", "b", "a"} {
			ends[meter] = make(chan error, 1)
			go func() {
				ends[meter] <- bus.Do(t.Context(), meter, gateway.Customer, func(_ context.Context, _ gateway.Line, p gateway.Point) error {
					pass(time.Minute)
					order = append(order, p.Address)
					return nil
				})
			}()
			synctest.Wait()
		}
		for _, points := range [][]gateway.Point{s.inWays("b", "3"), s.inWays("a", "2", "d", "")} { // the last one counts
			if err := bus.Follow(points); err != nil {
				t.Error(err)
			}
		}
		if r, err := ask(t.Context(), bus, "d"); err != nil || r.Meter != "d" {
			t.Errorf("%+v, %v: it is on the bus by then", r, err)
		}
		for meter, want := range map[string]error{"a": nil, "b": gateway.ErrNoMeter, "c": nil} {
			if err := <-ends[meter]; !errors.Is(err, want) {
				t.Errorf("%s: %v, not %v", meter, err, want)
			}
		}
		if !slices.Equal(order, []string{"c", "a2"}) {
			t.Errorf("asked in turn: %v", order)
		}
		for range 2 * gateway.MaxJobs { // each gave back its room
			if err := bus.Do(t.Context(), "b", gateway.Customer, nil); !errors.Is(err, gateway.ErrNoMeter) {
				t.Fatal(err)
			}
		}
	})
}

// A bus that leaves ends what is under way, and nothing that waits is begun.
func TestBusLeaves(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, _ *street, bus *gateway.Bus) {
		first, second := make(chan error, 1), make(chan error, 1)
		go func() {
			first <- bus.Do(t.Context(), "a", gateway.Customer, func(ctx context.Context, _ gateway.Line, _ gateway.Point) error {
				pass(time.Minute)
				return ctx.Err()
			})
		}()
		synctest.Wait()
		go func() { second <- bus.Do(t.Context(), "b", gateway.Customer, nil) }()
		bus.Leave()
		bus.Leave()
		if err := <-first; err != nil {
			t.Errorf("what was under way: %v", err)
		}
		if err := <-second; !errors.Is(err, gateway.ErrStopped) {
			t.Errorf("what waited: %v", err)
		}
	})
}
