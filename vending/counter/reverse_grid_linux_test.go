package counter_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// reversing is the aftermath of a reversal that was cut.
type reversing struct {
	aftermath
	sale vending.Purchase
	deed vending.Deed
}

// TestGridOfReversal cuts a reversal at every command to the card, at bytes that are
// written and at every commit, the one of the money paid out too.
func TestGridOfReversal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.measureReversal(t)
	cuts := grid(n, 4)
	t.Run("cut", func(t *testing.T) {
		for i, c := range cuts {
			if i%40 == 0 {
				w = newWorld(t) // CheckBooks reads all of a world: keep it small
			}
			w := w
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				failAll(t, c.name, w.reversal(t, c))
			})
		}
	})
	t.Logf("%d cuts of a reversal of %d commands, %d bytes written and %d commits", len(cuts), n.commands, n.bytes, n.commits)
}

func (w *world) measureReversal(t *testing.T) size {
	t.Helper()
	h, p := w.sold(t, topUpFen)
	slot, db := slotWith(h), new(wire)
	s, err := w.open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.arm(-1, nil)
	out, err := w.desk(s).Reverse(t.Context(), w.terminal(slot), deed(clerk), counter.ReverseRequest{Purchase: p.Slip()})
	if err != nil || out.RefundFen != topUpFen {
		t.Fatal(out, err)
	}
	n := size{commands: len(slot.Log()), commits: db.commits}
	for _, e := range slot.Log() {
		if e.INS == updateBinary {
			n.bytes += e.Lc
		}
	}
	return n
}

// reversal is one household whose reversal is cut. It returns all that did not hold.
func (w *world) reversal(t *testing.T, c cut) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	h, p := w.sold(t, topUpFen)
	stranger := &household{chip: cardsim.NewBlank(uid(0))}
	if strings.Contains(c.name, "swapped") {
		stranger = w.opened(t)
	}
	untouched := stranger.chip.Image()
	a := &reversing{aftermath{world: w, home: h}, p, deed(clerk)}
	a.sit(slotWith(h), honest)
	a.claimed, a.err = w.cutShort(ctx, &a.aftermath, stranger.chip, c, func(d *counter.Desk) (counter.Outcome, error) {
		out, err := d.Reverse(ctx, a.terminal, a.deed, counter.ReverseRequest{Purchase: p.Slip()})
		return out.Outcome, err
	})
	a.sit(slotWith(h), honest)
	a.claim(ctx)
	a.resume(ctx)
	a.again(ctx)
	a.meter(ctx)
	a.truth(ctx)
	a.goesOn(ctx)
	a.books(ctx)
	if !bytes.Equal(untouched, stranger.chip.Image()) {
		a.fault("another customer's card was written")
	}
	return a.faults
}

// again does the same deed again, as whoever was told nothing does.
func (a *reversing) again(ctx context.Context) {
	before, known := a.world.store.Purchase(ctx, a.deed.ID)
	out, err := a.world.reverse(ctx, a.slot, a.deed, a.sale)
	switch {
	case err != nil:
		a.fault("same deed again: %v", err)
	case known == nil && out.Purchase.State != before.State:
		a.fault("same deed again changed %s to %s", before.State, out.Purchase.State)
	case known != nil && out.Purchase.State != vending.Loaded:
		a.fault("same deed again, of a reversal that was not made: %s", out.Purchase.State)
	case out.Purchase.State == vending.Loaded && out.RefundFen != a.sale.Taken():
		a.fault("%d fen paid out", out.RefundFen)
	}
}

// truth holds card, meter and money against what was sold and taken back.
func (a *reversing) truth(ctx context.Context) {
	list, err := a.world.store.Purchases(ctx, a.home.no, false, 100)
	if err != nil {
		a.fault("purchases: %v", err)
		return
	}
	var sold, kept, cost int64
	for _, p := range list {
		switch {
		case p.State == vending.Pending:
			a.fault("%s ended nowhere", p.ID)
		case p.State == vending.Loaded:
			sold, kept, cost = sold+p.Quote.Credit.N, kept+p.Taken(), cost+p.Quote.Cost
		case !p.IsReversal():
			kept += p.Taken()
		}
	}
	now, err := contents(ctx, a.terminal)
	if m := a.home.meter.Snapshot(); err != nil || now.Purse.Total != sold || m.Loaded != sold {
		a.fault("sold and paid for: %d, on the card: %d, taken by the meter: %d (%v)", sold, now.Purse.Total, m.Loaded, err)
	}
	balances, err := a.world.store.Balances(ctx, a.home.no)
	if err != nil {
		a.fault("balances: %v", err)
	}
	for _, b := range balances {
		want := map[ledger.Class]int64{ledger.ClassAdvance: kept - cost, ledger.ClassPrepaid: cost}
		if n, ok := want[b.Account.Class]; ok && (b.Posted != n || b.Incoming != 0 || b.Outgoing != 0) {
			a.fault("%s holds %d fen, want %d", b.Account, b.Posted, n)
		}
	}
}
