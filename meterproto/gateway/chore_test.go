package gateway_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/vendgate/vendgate/meterproto/gateway"
)

// Chores have every other turn while readings are due, and whoever waits goes before both.
func TestChoresLeaveTurnsToReadings(t *testing.T) {
	t.Parallel()
	onStreet(t, 0, func(t *testing.T, s *street, bus *gateway.Bus) {
		var mu sync.Mutex
		chores := map[string][]time.Duration{}
		job := func(name string, p gateway.Priority) {
			if err := bus.Do(t.Context(), "c", p, func(context.Context, gateway.Line, gateway.Point) error {
				mu.Lock()
				defer mu.Unlock()
				chores[name] = append(chores[name], time.Since(s.start))
				pass(time.Second)
				return nil
			}); err != nil {
				t.Error(err)
			}
		}
		pass(9*time.Minute + 59*time.Second + time.Millisecond)
		for range 5 { // one of them is under way when the readings are due
			go job("chore", gateway.Chore)
		}
		pass(time.Second + time.Millisecond)
		go job("customer", gateway.Customer)
		pass(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		var turns []time.Duration
		for _, at := range slices.Concat(chores["chore"], chores["customer"], s.asked("")) {
			turns = append(turns, at.Round(time.Second)-10*time.Minute)
		}
		want := []time.Duration{-time.Second, 2 * time.Second, 4 * time.Second, 6 * time.Second, 7 * time.Second, time.Second, 0, 3 * time.Second, 5 * time.Second}
		if !slices.Equal(turns, want) {
			t.Errorf("chores, customer, readings: %v, not %v", turns, want)
		}
	})
}
