package counter_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// way is what happens after a reissue was cut: which card comes to the meter first, and
// whether both come before the reissue is finished or only after.
type way struct{ oldFirst, meterFirst bool }

// TestGridOfReissue cuts a reissue, with a purchase in doubt on the lost card, at every
// command to the card, at bytes that are written and at every commit. Afterwards both
// cards are taken to the meter in both orders, before the reissue is finished and after:
// what was paid for is taken once.
func TestGridOfReissue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.measureReissue(t)
	// Short and late answers are the link's matter, whatever was asked: TestGrid has them.
	cuts := oneOf(t, 3, slices.DeleteFunc(grid(n, 8), func(c cut) bool { return strings.HasSuffix(c.name, "answered") || strings.HasSuffix(c.name, "late") }))
	inWorlds(t, cuts, func(t *testing.T, w *world, i int, c cut) {
		w.reissue(t, c, way{i%2 == 0, i/2%2 == 0})
	})
	t.Logf("%d cuts of a reissue of %d commands, %d bytes written and %d commits", len(cuts), n.commands, n.bytes, n.commits)
}

// inWorlds does a trial of each cut. CheckBooks reads all of a world, and a world holds
// connections: it is kept small, and ends with its trials.
func inWorlds(t *testing.T, cuts []cut, trial func(t *testing.T, w *world, i int, c cut)) {
	const atOnce = 40
	for first := 0; first < len(cuts); first += atOnce {
		t.Run(fmt.Sprint("from ", first), func(t *testing.T) {
			w := newWorld(t)
			for i, c := range cuts[first:min(first+atOnce, len(cuts))] {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					trial(t, w, first+i, c)
				})
			}
		})
	}
}

// inDoubt is a household whose last purchase was cut, so that nobody knows whether it is
// on the card, and that loses the card.
func (w *world) inDoubt(t *testing.T, written bool) *bearer {
	t.Helper()
	h, _ := w.sold(t, firstFen)
	b := w.bears(t, h)
	slot, effect := slotWith(h), cardsim.PullBefore()
	if written {
		effect = cardsim.PullAfter()
	}
	slot.Inject(cardsim.OnINS(updateBinary), effect)
	out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), request(topUpFen))
	if err != nil || out.Purchase.State != vending.Pending {
		t.Fatal(out.Purchase.State, err)
	}
	b.loses()
	return b
}

func (w *world) measureReissue(t *testing.T) size {
	t.Helper()
	b := w.inDoubt(t, true)
	slot, db := slotWith(b.household), new(wire)
	s, err := w.open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.arm(-1, nil)
	if _, err := w.desk(s).Reissue(t.Context(), w.terminal(slot), deed(clerk), b.request()); err != nil {
		t.Fatal(err)
	}
	n := size{commands: len(slot.Log()), commits: db.commits}
	for _, e := range slot.Log() {
		if e.INS == updateBinary {
			n.bytes += e.Lc
		}
	}
	return n
}

// reissue is one household whose reissue is cut, and goes on that way.
func (w *world) reissue(t *testing.T, c cut, how way) {
	t.Helper()
	b := w.inDoubt(t, how.oldFirst != how.meterFirst)
	stranger, lost := &household{chip: cardsim.NewBlank(uid(0))}, b.lost.File(vendorFile)
	if strings.Contains(c.name, "swapped") {
		stranger = w.opened(t)
	}
	untouched := stranger.chip.File(vendorFile)
	a := &aftermath{world: w, home: b.household}
	a.sit(slotWith(b.household), honest)
	act := deed(clerk)
	_, err := w.cutShort(t.Context(), a, stranger.chip, c, func(d *counter.Desk) (counter.Outcome, error) {
		_, err := d.Reissue(t.Context(), a.terminal, act, b.request())
		return counter.Outcome{}, err
	})
	if how.meterFirst {
		b.tries(how.oldFirst)
	}
	r, again := w.desk(w.store).Reissue(context.Background(), w.terminal(slotWith(b.household)), act, b.request())
	if again != nil || r.Card.State != vending.CardActive || err == nil && !r.Repeated {
		t.Fatalf("after %v: %+v, %v", err, r, again)
	}
	b.both(how.oldFirst)
	b.ends(cardCost)
	if !bytes.Equal(untouched, stranger.chip.File(vendorFile)) {
		t.Error("another customer's card was written")
	}
	if !bytes.Equal(lost, b.lost.File(vendorFile)) {
		t.Error("the lost card was written")
	}
}

// tries takes both cards to the meter, which may refuse the one that is half made, and
// hears what it says.
func (b *bearer) tries(oldFirst bool) {
	b.t.Helper()
	chips := []*cardsim.Card{b.chip, b.lost}
	if oldFirst {
		chips[0], chips[1] = chips[1], chips[0]
	}
	for _, chip := range chips {
		_ = (&household{meter: b.meter, chip: chip}).toMeter(cardsim.NewSlot("hall"))
	}
	if err := b.w.read(b.t.Context(), b.household); err != nil {
		b.t.Fatal(err)
	}
}
