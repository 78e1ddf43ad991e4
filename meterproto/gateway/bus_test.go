package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/gateway"
)

// pass lets the clock of a synctest bubble go on by d: the bubble's own, so nobody waits.
func pass(d time.Duration) { time.Sleep(d) } // of the bubble's clock

// hourly is a schedule of one reading an hour, on the hour, since then.
type hourly struct{ since time.Time }

func (h hourly) Next(t time.Time) time.Time {
	if t.Before(h.since) {
		t = h.since
	}
	return t.Truncate(time.Hour).Add(time.Hour)
}

// said is one meter that was asked, and when, counted from the start.
type said struct {
	meter string
	at    time.Duration
}

// street is a bus under test: its line, its driver and its sink.
type street struct {
	start time.Time
	bad   map[string]error // what asking a meter ends in
	full  error            // of the sink

	mu   sync.Mutex
	asks []said
	kept []said
	back chan struct{}
}

func (s *street) Exchange(context.Context, []byte, meterproto.Timing, func([]byte) ([]byte, bool)) error {
	return nil
}

func (s *street) Back() <-chan struct{} { return s.back }

// Read is a conversation of a second.
func (s *street) Read(ctx context.Context, _ gateway.Line, meter string) (meterproto.Reading, error) {
	s.mu.Lock()
	s.asks = append(s.asks, said{meter, time.Since(s.start)})
	err, takes := s.bad[meter], time.Second
	if errors.Is(err, meterproto.ErrLineGone) {
		takes = 0
	}
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return meterproto.Reading{}, ctx.Err()
	case <-time.After(takes):
	}
	return meterproto.Reading{Meter: meter}, err
}

func (s *street) Keep(_ context.Context, h gateway.Heard) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full != nil {
		return s.full
	}
	s.kept = append(s.kept, said{h.Meter, time.Since(s.start)})
	return nil
}

func (s *street) set(meter string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad[meter] = err
}

// asked is when a meter was asked.
func (s *street) asked(meter string) []time.Duration { return s.of(&s.asks, meter) }

// read is when what a meter said was kept; of "" when any was.
func (s *street) read(meter string) []time.Duration { return s.of(&s.kept, meter) }

func (s *street) of(all *[]said, meter string) (out []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range *all {
		if a.meter == meter || meter == "" {
			out = append(out, a.at)
		}
	}
	return out
}

// onStreet runs a bus with meters a, b and c in a bubble, at ten minutes to an hour.
func onStreet(t *testing.T, gap time.Duration, test func(*testing.T, *street, *gateway.Bus)) {
	t.Helper()
	onStreetSince(t, 0, gap, test)
}

// onStreetSince is onStreet on a day on which readings began so long before.
func onStreetSince(t *testing.T, before, gap time.Duration, test func(*testing.T, *street, *gateway.Bus)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		pass(50 * time.Minute) // the bubble's clock begins on the hour
		s := &street{start: time.Now(), bad: map[string]error{}, back: make(chan struct{})}
		var points []gateway.Point
		for _, m := range []string{"a", "b", "c"} {
			points = append(points, gateway.Point{Meter: m, Driver: s, Gap: gap})
		}
		bus, err := gateway.NewBus("line", s, points, hourly{s.start.Add(-before)}, s,
			gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { bus.Run(ctx) })
		test(t, s, bus)
		cancel()
		running.Wait()
		if err := bus.Do(t.Context(), "a", gateway.Customer, nil); !errors.Is(err, gateway.ErrStopped) {
			t.Errorf("stopped: %v", err)
		}
	})
}

func TestScheduleReadsEveryMeterOnce(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, _ *gateway.Bus) {
		pass(80 * time.Minute)
		for i, m := range []string{"a", "b", "c"} {
			late := time.Duration(i) * time.Second
			if got := s.asked(m); !slices.Equal(got, []time.Duration{10*time.Minute + late, 70*time.Minute + late}) {
				t.Errorf("%s was asked at %v", m, got)
			}
		}
		if kept := s.read(""); len(kept) != 6 {
			t.Errorf("kept %v", kept)
		}
	})
}

// What was due while nobody ran the gateway is read when it starts, once.
func TestMissedReadingsAreMadeUp(t *testing.T) {
	t.Parallel()
	onStreetSince(t, 3*time.Hour, 0, func(t *testing.T, s *street, _ *gateway.Bus) {
		pass(11 * time.Minute)
		if got := s.asked("b"); !slices.Equal(got, []time.Duration{time.Second, 10*time.Minute + time.Second}) {
			t.Errorf("b was asked at %v", got)
		}
	})
}

// ahead is hourly, first asked by a clock that was ten years ahead.
type ahead struct {
	hourly
	asked *bool
}

func (a ahead) Next(t time.Time) time.Time {
	if !*a.asked {
		*a.asked = true
		t = t.AddDate(10, 0, 0)
	}
	return a.hourly.Next(t)
}

// A box whose clock was ahead when it started reads by the one that it was given then.
func TestClockThatWasAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &street{start: time.Now(), bad: map[string]error{}, back: make(chan struct{})}
		bus, err := gateway.NewBus("line", s, []gateway.Point{{Meter: "a", Driver: s}}, ahead{hourly{s.start}, new(bool)}, s,
			gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 150*time.Minute)
		defer cancel()
		bus.Run(ctx)
		if got := s.read("a"); len(got) != 2 {
			t.Errorf("a was read at %v", got)
		}
	})
}

// A meter that does not answer is asked less and less often, the others go on as
// ever, and once it answers all is as before.
func TestFailingMeterIsSetAside(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, _ *gateway.Bus) {
		s.set("a", meterproto.ErrNoAnswer)
		pass(10*time.Minute + 5*time.Hour)
		asked := s.asked("a")
		for i := 1; i < len(asked); i++ {
			if pause := asked[i] - asked[i-1]; pause < min(time.Minute<<(i-1), time.Hour) || pause > time.Hour+2*time.Second {
				t.Errorf("asked again after %v, the %d. time", pause, i)
			}
		}
		if len(asked) < 8 || len(s.read("b")) != 5 || len(s.read("a")) != 0 {
			t.Errorf("asked a at %v; b: %v", asked, s.read("b"))
		}
		s.set("a", nil)
		pass(3 * time.Hour)
		if got := len(s.read("a")); got < 2 || got > 3 {
			t.Errorf("a was kept %d times in three hours", got)
		}
	})
}

// What could not be kept was not read.
func TestFullDiskIsAFailure(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		full := errors.New("disk full")
		s.mu.Lock()
		s.full = full
		s.mu.Unlock()
		pass(11*time.Minute + 10*time.Second)
		if got := s.asked("b"); len(got) != 2 {
			t.Errorf("b was asked at %v", got)
		}
	})
}

func TestWhoeverWaitsGoesFirst(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		pass(10*time.Minute + time.Millisecond) // a is being read for the schedule
		var mu sync.Mutex
		var order []string
		job := func(name string, p gateway.Priority) {
			pass(time.Millisecond)
			go func() {
				if err := bus.Do(t.Context(), "c", p, func(context.Context, gateway.Line, gateway.Point) error {
					pass(time.Second)
					mu.Lock()
					defer mu.Unlock()
					order = append(order, name)
					return nil
				}); err != nil {
					t.Error(err)
				}
			}()
		}
		job("chore", gateway.Chore)
		job("customer", gateway.Customer)
		job("second customer", gateway.Customer)
		pass(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(order, []string{"customer", "second customer", "chore"}) {
			t.Error(order)
		}
		if got := s.asked("b"); got[0] < 10*time.Minute+4*time.Second {
			t.Errorf("b was read at %v, before those who wait", got)
		}
	})
}

// ask reads a meter for somebody who waits.
func ask(ctx context.Context, bus *gateway.Bus, meter string) (r meterproto.Reading, err error) {
	err = bus.Do(ctx, meter, gateway.Customer, func(ctx context.Context, line gateway.Line, p gateway.Point) error {
		r, err = p.Driver.Read(ctx, line, meter)
		return err
	})
	return r, err
}

func TestJobsOfWhoWaits(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		if r, err := ask(t.Context(), bus, "b"); err != nil || r.Meter != "b" || s.asked("b")[0] > time.Second {
			t.Errorf("%+v, %v; asked at %v", r, err, s.asked("b"))
		}
		if err := bus.Do(t.Context(), "", gateway.Customer, func(_ context.Context, l gateway.Line, p gateway.Point) error {
			if l == nil || p.Driver != nil {
				t.Errorf("the line as such: %v, %v", l, p)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		if _, err := ask(t.Context(), bus, "x"); !errors.Is(err, gateway.ErrNoMeter) {
			t.Error(err)
		}
		// Set aside for the schedule, not for those who ask.
		s.set("b", meterproto.ErrNoAnswer)
		pass(10*time.Minute + 30*time.Second)
		before := len(s.asked("b"))
		if _, err := ask(t.Context(), bus, "b"); !errors.Is(err, meterproto.ErrNoAnswer) || len(s.asked("b")) != before+1 {
			t.Errorf("%v", err)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("gone home"))
		defer cancel()
		if _, err := ask(ctx, bus, "c"); !errors.Is(err, context.Canceled) {
			t.Errorf("whoever gives up: %v", err)
		}
		if _, err := ask(ctx, bus, "c"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("whoever has given up: %v", err)
		}
	})
}

// No more wait than a bus has room for, though it takes up every job at once and none can be done before the meter's gap is over.
func TestNoMoreWaitThanThereIsRoom(t *testing.T) {
	t.Parallel()
	onStreet(t, 5*time.Minute, func(t *testing.T, _ *street, bus *gateway.Bus) {
		nothing := func(context.Context, gateway.Line, gateway.Point) error { return nil }
		ask := func() error { return bus.Do(t.Context(), "a", gateway.Customer, nothing) }
		if err := ask(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 2*gateway.MaxJobs)
		for range cap(done) {
			pass(time.Millisecond) // the bus takes it up
			go func() { done <- ask() }()
		}
		synctest.Wait()
		if len(done) != gateway.MaxJobs {
			t.Errorf("%d of %d were turned away", len(done), cap(done))
		}
		for range len(done) {
			if err := <-done; !errors.Is(err, gateway.ErrFull) {
				t.Error(err)
			}
		}
		if err := bus.Do(t.Context(), "b", gateway.Customer, nothing); !errors.Is(err, gateway.ErrFull) {
			t.Errorf("another meter's: %v", err)
		}
		pass(5 * time.Minute) // one of them is done, and there is room for one
		again := make(chan error, 2)
		for range cap(again) {
			go func() { again <- ask() }()
		}
		synctest.Wait()
		if len(again) != 1 || !errors.Is(<-again, gateway.ErrFull) {
			t.Errorf("%d were turned away when there was room for one", len(again))
		}
	})
}

func TestGapBetweenTwoConversations(t *testing.T) {
	t.Parallel()
	onStreet(t, 10*time.Second, func(t *testing.T, s *street, bus *gateway.Bus) {
		for range 3 {
			if _, err := ask(t.Context(), bus, "a"); err != nil {
				t.Error(err)
			}
		}
		if _, err := ask(t.Context(), bus, "b"); err != nil {
			t.Error(err)
		}
		want := []time.Duration{0, 11 * time.Second, 22 * time.Second}
		if got := s.asked("a"); !slices.Equal(got, want) {
			t.Errorf("a was asked at %v", got)
		}
		if got := s.asked("b"); got[0] != 23*time.Second {
			t.Errorf("b was asked at %v, though it needs no pause after a", got)
		}
	})
}

// teller is a prepaid meter that says these counts, one after the other, and burns between any two answers.
type teller struct {
	*street
	says []uint32
	left int64
}

func (t *teller) TopUp(context.Context, gateway.Line, string, meterproto.Order) meterproto.Result {
	return meterproto.Result{}
}

func (t *teller) Taken(_ context.Context, _ gateway.Line, meter string) (meterproto.Taken, error) {
	if len(t.says) == 0 {
		return meterproto.Taken{}, gateway.ErrNotPrepaid
	}
	n := t.says[0]
	if len(t.says) > 1 {
		t.says = t.says[1:]
	}
	t.left -= 30
	return meterproto.Taken{Meter: meter, Count: n, Remaining: meterproto.Credit{N: t.left}}, nil
}

// What a meter says of its purchases is believed when it says it twice.
func TestPurchasesAreSaidTwice(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		says []uint32
		kept int // meters
		want uint32
	}{
		"twice":        {[]uint32{7}, 1, 7},
		"at last":      {[]uint32{6, 9, 8, 7, 7}, 1, 7},
		"never":        {[]uint32{1, 2, 3, 4, 5, 6, 7, 8}, 0, 0},
		"not prepaid":  {nil, 1, 0},
		"once changed": {[]uint32{7, 6, 6}, 1, 6},
	} {
		s := &street{bad: map[string]error{}}
		d, heard := &teller{s, c.says, 50_000}, []gateway.Heard(nil)
		synctest.Test(t, func(t *testing.T) {
			bus, err := gateway.NewBus("line", s, []gateway.Point{{Meter: "a", Address: "b", Driver: d}}, hourly{time.Now()},
				keep(func(h gateway.Heard) { heard = append(heard, h) }), gateway.NewMetrics(prometheus.NewRegistry()), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour+10*time.Second)
			defer cancel()
			bus.Run(ctx)
		})
		if len(heard) != c.kept || c.kept == 1 && (heard[0].Meter != "a" || (heard[0].Taken == nil) != (c.want == 0) ||
			c.want != 0 && (heard[0].Taken.Count != c.want || heard[0].Taken.Meter != "b" || heard[0].Taken.Remaining.N != d.left || heard[0].Later == nil)) {
			t.Errorf("%s: kept %+v", name, heard)
		}
	}
}

// keep is a sink that takes all.
type keep func(gateway.Heard)

func (k keep) Keep(_ context.Context, h gateway.Heard) error { k(h); return nil }

// A line that is gone is nobody's fault: no meter is set aside, the line is tried
// again, less and less often, and at once when it says that it is back.
func TestLineThatIsGone(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		for _, m := range []string{"a", "b", "c"} {
			s.set(m, fmt.Errorf("pulled: %w", meterproto.ErrLineGone))
		}
		pass(15*time.Minute + 30*time.Second)
		tries := len(s.asked(""))
		if tries < 10 || tries > 14 { // 1, 2, 4 … 32 s, then every minute
			t.Errorf("tried %d times in five and a half minutes", tries)
		}
		if _, err := ask(t.Context(), bus, "a"); !errors.Is(err, meterproto.ErrLineGone) {
			t.Errorf("on demand: %v", err)
		}
		for _, m := range []string{"a", "b", "c"} {
			s.set(m, nil)
		}
		s.back <- struct{}{}
		pass(3*time.Second + time.Millisecond)
		if kept := s.read(""); len(kept) != 3 {
			t.Errorf("back again, and kept only %v", kept)
		}
	})
}

func TestWhatIsNoBus(t *testing.T) {
	t.Parallel()
	s, m := &street{}, gateway.NewMetrics(prometheus.NewRegistry())
	point := gateway.Point{Meter: "a", Driver: s}
	for name, points := range map[string][]gateway.Point{"twice": {point, point}, "too many": make([]gateway.Point, gateway.MaxPoints+1)} {
		if _, err := gateway.NewBus("line", s, points, hourly{}, s, m, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
