package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

// What met a deadlock is done again, alone; what is refused or in doubt is not.
func TestGroupDoesADeadlockAgain(t *testing.T) {
	t.Parallel()
	deadlock, refused := error(&pgconn.PgError{Code: "40P01"}), error(&pgconn.PgError{Code: "23505"})
	for name, c := range map[string]struct {
		answers []error // one a try; the last for ever
		want    error
		tries   int
	}{
		"once":     {[]error{deadlock, nil}, nil, 2},
		"for ever": {[]error{deadlock}, deadlock, tries},
		"refused":  {[]error{refused}, refused, 1},
		"in doubt": {[]error{vending.ErrCommitInDoubt}, vending.ErrCommitInDoubt, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := 0
			g := &group[int]{lanes: &lanes{most: 1}, do: func(context.Context, []int) error {
				done++
				return c.answers[min(done, len(c.answers))-1]
			}}
			g.lanes.stages = []stage{g}
			if err := g.run(t.Context(), 1); !errors.Is(err, c.want) || done != c.tries {
				t.Errorf("%v after %d tries", err, done)
			}
		})
	}
}

// One who is held is waited for once more and not at every halving: the others go alone then.
func TestGroupWaitsOnceMoreForWhoIsHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waits := 0
		g := &group[int]{lanes: &lanes{most: 1}, do: func(_ context.Context, items []int) error {
			if slices.Contains(items, 3) {
				waits++
				return vending.ErrHeld
			}
			return nil
		}}
		g.lanes.stages = []stage{g}
		g.lanes.going = []int{1} // all wait for this lane, and go together
		var done []<-chan error
		for item := range 16 {
			done = append(done, g.join(t.Context(), item))
		}
		g.lanes.mu.Lock()
		g.lanes.going = nil
		g.lanes.open()
		g.lanes.mu.Unlock()
		for item, d := range done {
			if err := <-d; errors.Is(err, vending.ErrHeld) != (item == 3) {
				t.Errorf("item %d: %v", item, err)
			}
		}
		if waits != 2 {
			t.Errorf("it was waited for %d times", waits)
		}
	})
}

// heldGroup is a group whose batches go on when they are told to.
type heldGroup struct {
	group[int]
	going chan []int
	let   map[int]chan error // by its first item
	mu    sync.Mutex
}

func newHeld(most int) *heldGroup {
	h := &heldGroup{going: make(chan []int, 100), let: map[int]chan error{}}
	h.lanes = &lanes{most: most}
	h.apart = func(n int) int64 { return int64(n % 10) }
	h.do = func(_ context.Context, items []int) error {
		let := make(chan error)
		h.mu.Lock()
		h.let[items[0]] = let
		h.mu.Unlock()
		h.going <- items
		return <-let
	}
	h.lanes.stages = []stage{h}
	return h
}

// end lets the batch of an item end.
func (h *heldGroup) end(item int) {
	h.mu.Lock()
	let := h.let[item]
	h.mu.Unlock()
	let <- nil
	synctest.Wait()
}

func (h *heldGroup) went(t *testing.T, want ...int) {
	t.Helper()
	synctest.Wait()
	select {
	case got := <-h.going:
		if !slices.Equal(got, want) {
			t.Fatalf("%v went, want %v", got, want)
		}
	default:
		if len(want) > 0 {
			t.Fatalf("nobody went, want %v", want)
		}
	}
}

// A lane beside others is not taken by fewer than they are.
func TestLanes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHeld(2)
		var done []<-chan error
		join := func(item int) { done = append(done, h.join(t.Context(), item)) }
		join(1)
		h.went(t, 1) // at once, alone
		join(2)
		h.went(t, 2) // beside one, one may go
		join(3)
		join(13)
		join(4)
		h.went(t) // no lane
		h.end(1)
		h.went(t, 3, 4) // who came meanwhile, one of a customer
		h.end(2)
		h.went(t) // 13 is one, and beside it are two
		h.end(3)
		h.went(t, 13) // nobody is beside it
		h.end(13)
		for i, d := range done {
			if len(d) != 1 || <-d != nil {
				t.Errorf("item %d did not end", i)
			}
		}
		if len(h.lanes.going) != 0 || len(h.waiting) != 0 {
			t.Error("something is left", h.lanes.going, h.waiting)
		}
	})
}

// Whatever comes and ends in whatever order: each is done once, no customer is in a group
// twice, and there are never more lanes than there may be.
func TestLanesAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		most, seed := rapid.IntRange(1, 4).Draw(r, "lanes"), rapid.SliceOfN(rapid.IntRange(0, 3), 1, 60).Draw(r, "steps")
		synctest.Test(t, func(t *testing.T) {
			h := newHeld(most)
			var going [][]int
			done, next := map[int]int{}, 0
			look := func() {
				synctest.Wait()
				for len(h.going) > 0 {
					batch := <-h.going
					going = append(going, batch)
					for i, item := range batch {
						done[item]++
						if slices.ContainsFunc(batch[:i], func(other int) bool { return other%10 == item%10 }) {
							t.Fatalf("%v went together", batch)
						}
					}
				}
				if len(going) > most {
					t.Fatalf("%d lanes of %d", len(going), most)
				}
			}
			end := func(which int) {
				batch := going[which%len(going)]
				going = slices.DeleteFunc(going, func(b []int) bool { return &b[0] == &batch[0] })
				h.end(batch[0])
				look()
			}
			for _, step := range seed {
				if step > 0 || len(going) == 0 {
					h.join(t.Context(), next)
					next++
					look()
				} else {
					end(next)
				}
			}
			for len(going) > 0 {
				end(0)
			}
			for item := range next {
				if done[item] != 1 {
					t.Fatalf("item %d went %d times", item, done[item])
				}
			}
		})
	})
}
