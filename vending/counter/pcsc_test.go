package counter_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// TestGridThroughPCSC cuts a top-up at every command through the real pcscd:
// the card pulled, hanging, swapped for another customer's, and its answer lost.
func TestGridThroughPCSC(t *testing.T) {
	w := newWorld(t)
	n := w.measure(t)
	hall, err := theHall()
	if err != nil {
		t.Fatal(err)
	}
	effects := []struct {
		name string
		mute time.Duration
		do   func(*cardsim.Card) cardsim.Effect
	}{
		{"pulled before", waiting, func(*cardsim.Card) cardsim.Effect { return cardsim.PullBefore() }},
		{"pulled after", waiting, func(*cardsim.Card) cardsim.Effect { return cardsim.PullAfter() }},
		{"hangs", muteAfter, func(*cardsim.Card) cardsim.Effect { return cardsim.Hang() }},
		{"swapped", waiting, func(other *cardsim.Card) cardsim.Effect { return cardsim.SwapBefore(other) }},
	}
	cuts := 0
	t.Run("cut", func(t *testing.T) {
		for i := range n.commands {
			for _, e := range effects {
				cuts++
				name := fmt.Sprintf("command %d %s", i, e.name)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					failAll(t, name, w.pcscTrial(t, hall, cardsim.Nth(i), e.do, e.mute))
				})
			}
		}
	})
	t.Logf("%d cuts through pcscd", cuts)
}

func (w *world) pcscTrial(t *testing.T, hall *hall, when cardsim.When, effect func(*cardsim.Card) cardsim.Effect, mute time.Duration) []string {
	ctx, cancel := context.WithTimeout(t.Context(), 2*waiting)
	defer cancel()
	h, stranger := w.household(t), w.household(t)
	untouched := stranger.chip.File(vendorFile)
	s := hall.seat(h)
	defer s.leave()
	a := &aftermath{world: w, home: h, slot: s.Slot, req: request(topUpFen), terminal: w.pcsc(s, direct)}
	if _, err := contents(ctx, a.terminal); err != nil { // pcscd has noticed the card
		t.Fatal(err)
	}
	s.Inject(when, effect(stranger.chip))
	// Not the patient terminal: the clerk is answered, not kept waiting.
	a.claimed, a.err = w.desk(w.store).TopUp(ctx, w.terminal(s.reader(mute)), a.req)
	s.Insert(h.chip)
	a.check(ctx)
	if !bytes.Equal(untouched, stranger.chip.File(vendorFile)) {
		a.fault("another customer's card was written")
	}
	return a.faults
}

// TestPcscdKilled kills pcscd before and after every command of a top-up. It
// runs alone: every reader of the hall goes with it.
func TestPcscdKilled(t *testing.T) {
	w := newWorld(t)
	n := w.measure(t)
	hall, err := theHall()
	if err != nil {
		t.Fatal(err)
	}
	for i := range n.commands {
		for _, before := range []bool{true, false} {
			name := fmt.Sprintf("pcscd killed at command %d, before: %t", i, before)
			failAll(t, name, w.killPcscd(t, hall, i, before))
		}
	}
	t.Logf("pcscd killed %d times", 2*n.commands)
}

func (w *world) killPcscd(t *testing.T, hall *hall, nth int, before bool) []string {
	ctx, cancel := context.WithTimeout(t.Context(), 2*waiting)
	defer cancel()
	h := w.household(t)
	s := hall.seat(h)
	defer s.leave()
	a := &aftermath{world: w, home: h, slot: s.Slot, req: request(topUpFen), terminal: w.pcsc(s, direct)}
	if _, err := contents(ctx, a.terminal); err != nil {
		t.Fatal(err)
	}
	on := onCommand{seen: new(atomic.Int32), nth: int32(nth)}
	if before {
		on.before = hall.daemon.Kill
	} else {
		on.after = hall.daemon.Kill
	}
	cutting := w.pcsc(s, func(r cardio.Reader) cardio.Reader { on.Reader = r; return on }).(patient).Terminal
	a.claimed, a.err = w.desk(w.store).TopUp(ctx, cutting, a.req)
	if err := hall.daemon.Restart(ctx); err != nil {
		t.Fatal(err)
	}
	s.plug()
	a.check(ctx)
	return a.faults
}

// TestTwoTerminalsOneCard: two clerks reach for one card at the same moment, each
// with a sale, or both with the same one because a client tried twice. The reader
// lets one of them in at a time, and each sale is on the card once.
func TestTwoTerminalsOneCard(t *testing.T) {
	w := newWorld(t)
	hall, err := theHall()
	if err != nil {
		t.Fatal(err)
	}
	same := request(topUpFen)
	for name, requests := range map[string][2]counter.TopUpRequest{
		"two sales":    {request(topUpFen), request(topUpFen)},
		"one id twice": {same, same},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.household(t)
			s := hall.seat(h)
			defer s.leave()
			first, second := w.pcsc(s, direct), w.pcsc(s, direct)
			if _, err := contents(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			results := make(chan error, 2)
			for i, terminal := range []counter.Terminal{first, second} {
				go func() {
					out, err := w.desk(w.store).TopUp(t.Context(), terminal, requests[i])
					if err == nil && out.Purchase.State != vending.Loaded {
						err = errors.New(string(out.Purchase.State))
					}
					results <- err
				}()
			}
			for range 2 {
				select {
				case err := <-results:
					if err != nil {
						t.Errorf("one of two: %v", err)
					}
				case <-time.After(waiting):
					t.Fatal("the two wait for each other")
				}
			}
			a := &aftermath{world: w, home: h, slot: s.Slot, req: requests[0], terminal: first, err: errNothingClaimed}
			failAll(t, name, a.check(t.Context()))
		})
	}
}

var errNothingClaimed = errors.New("nobody was told anything")
