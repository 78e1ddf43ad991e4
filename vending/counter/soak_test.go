package counter_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/vending/counter"
)

const (
	soakRound   = 100 // trials on one database, so that CheckBooks stays quick
	soakShort   = 20  // trials where nobody asked for a soak
	soakMaxCuts = 4   // of one purchase: the top-up, then its resumes
)

// TestSoak cuts top-ups at random, and their resumes again and again, for as
// long as SOAK says (make soak); without it, for one short round. A failure names
// its seed: SOAK_SEED runs it again.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(os.Getenv("SOAK"))
	short := err != nil
	seed := rand.Uint64()
	if s := os.Getenv("SOAK_SEED"); s != "" {
		if _, err := fmt.Sscan(s, &seed); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	trials := 0
	for end := time.Now().Add(duration); !t.Failed() && (trials == 0 || time.Now().Before(end)); {
		w := newWorld(t)
		n := w.measure(t)
		cuts := grid(n, 1)
		for range map[bool]int{true: soakShort, false: soakRound}[short] {
			name, faults := w.ordeal(t, cuts, random)
			failAll(t, fmt.Sprintf("seed %d, trial %d: %s", seed, trials, name), faults)
			trials++
		}
	}
	t.Logf("%d purchases cut up to %d times each, seed %d", trials, soakMaxCuts, seed)
}

// ordeal cuts one top-up and then each attempt to resume it.
func (w *world) ordeal(t *testing.T, cuts []cut, random *rand.Rand) (string, []string) {
	h, stranger := w.household(t), w.household(t)
	a := &aftermath{world: w, home: h, req: request(int64(100 + random.IntN(50_000)))}
	var names []string
	for i := range 1 + random.IntN(soakMaxCuts) {
		c := cuts[random.IntN(len(cuts))]
		names = append(names, c.name)
		a.sit(slotWith(h), honest)
		out, err := w.cutShort(t.Context(), a, stranger.chip, c, func(d *counter.Desk) (counter.Outcome, error) {
			// The client tries the same sale again, or somebody resumes the card.
			if i == 0 || random.IntN(2) == 0 {
				return d.TopUp(t.Context(), a.terminal, a.req)
			}
			return d.Resume(t.Context(), a.terminal)
		})
		a.claimed, a.err = out, err
		if random.IntN(3) == 0 {
			h.toMeter(slotWith(h)) // the customer went home in between
		}
	}
	a.sit(slotWith(h), honest)
	return strings.Join(names, "; then "), a.check(t.Context())
}
