package counter_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// TestGridOfRefund cuts the refund of a card with two sales on it at every command to the
// card, at bytes that are written and at every commit. The same deed again goes on, perhaps
// after the meter was quicker: what is not in the meter is money again, and nothing is both.
func TestGridOfRefund(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := w.measureRefund(t)
	cuts := oneOf(t, 3, slices.DeleteFunc(grid(n, 8), func(c cut) bool { return strings.HasSuffix(c.name, "answered") || strings.HasSuffix(c.name, "late") }))
	inWorlds(t, cuts, func(t *testing.T, w *world, i int, c cut) { w.refund(t, c, i%3 == 0) })
	t.Logf("%d cuts of a refund of %d commands, %d bytes written and %d commits", len(cuts), n.commands, n.bytes, n.commits)
}

// chiefPays opens chief's shift, once, with cash in its drawer.
func (w *world) chiefPays(t *testing.T, fen int64) {
	t.Helper()
	if _, err := w.store.ShiftAt(t.Context(), "8"); err == nil {
		return
	}
	desk := w.desk(w.store)
	if _, err := desk.MoveCash(t.Context(), deed(finance), counter.CashMove{From: "bank:main", To: "safe:main", AmountFen: fen}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := desk.OpenShift(t.Context(), deed(chief), counter.ShiftOpening{Till: "8", Safe: "main", FloatFen: fen}); err != nil && !errors.Is(err, vending.ErrTillBusy) {
		t.Fatal(err) // busy: a household beside this one was quicker
	}
}

// leaves is a household with two sales on its card, and the deed that refunds them.
func (w *world) leaves(t *testing.T) (*household, vending.Deed) {
	t.Helper()
	w.chiefPays(t, 10_000_000)
	h, _ := w.sold(t, topUpFen)
	if _, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slotWith(h)), request(firstFen)); err != nil {
		t.Fatal(err)
	}
	act := deed(chief)
	act.Why = "销户"
	return h, act
}

func (w *world) measureRefund(t *testing.T) size {
	t.Helper()
	h, act := w.leaves(t)
	slot, db := slotWith(h), new(wire)
	s, err := w.open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.arm(-1, nil)
	if r, err := w.desk(s).As(chief).RefundCard(t.Context(), w.terminal(slot), act, cash); err != nil || r.RefundFen != firstFen+topUpFen {
		t.Fatal(r, err)
	}
	n := size{commands: len(slot.Log()), commits: db.commits}
	for _, e := range slot.Log() {
		if e.INS == updateBinary {
			n.bytes += e.Lc
		}
	}
	return n
}

// refund is one household whose refund is cut, and done again.
func (w *world) refund(t *testing.T, c cut, meterFirst bool) {
	t.Helper()
	h, act := w.leaves(t)
	stranger := &household{chip: h.chip}
	if strings.Contains(c.name, "swapped") {
		stranger = w.opened(t)
	}
	untouched := stranger.chip.File(vendorFile)
	a := &aftermath{world: w, home: h}
	a.sit(slotWith(h), honest)
	before := h.meter.Snapshot().Loaded
	_, err := w.cutShort(t.Context(), a, stranger.chip, c, func(d *counter.Desk) (counter.Outcome, error) {
		_, err := d.As(chief).RefundCard(t.Context(), a.terminal, act, cash)
		return counter.Outcome{}, err
	})
	if stranger.chip != h.chip && string(untouched) != string(stranger.chip.File(vendorFile)) {
		t.Error("another customer's card was written")
	}
	if meterFirst {
		w.drives(t, h)
	}
	r, again := w.desk(w.store).As(chief).RefundCard(context.Background(), w.terminal(slotWith(h)), act, cash)
	for range 2 { // a reversal that the meter was quicker than is voided, and what is left is decided anew
		if again == nil && len(r.Back) > 0 && r.Back[len(r.Back)-1].Purchase.State == vending.Voided {
			r, again = w.desk(w.store).As(chief).RefundCard(context.Background(), w.terminal(slotWith(h)), act, cash)
		}
	}
	took := h.meter.Snapshot().Loaded - before
	switch {
	case again != nil && (!meterFirst || took == 0 || !errors.Is(again, vending.ErrNothingOnCard)):
		t.Fatalf("after %v: %+v, %v", err, r, again)
	case !meterFirst && r.RefundFen != firstFen+topUpFen:
		t.Errorf("paid out: %+v", r)
	}
	w.settledAs(t, h, r.RefundFen)
	b := &bearer{household: h, w: w, t: t, lost: h.chip}
	b.both(false)
	b.ends(0)
}

// settledAs holds what is in the meter, on the card and paid out against what was paid in.
func (w *world) settledAs(t *testing.T, h *household, refunded int64) {
	t.Helper()
	list, err := w.store.Purchases(t.Context(), h.no, false, 100)
	if err != nil {
		t.Fatal(err)
	}
	var paid, stands, cost int64
	for _, p := range list {
		if !p.IsReversal() {
			paid += p.Taken()
		}
		if p.State == vending.Loaded {
			stands, cost = stands+p.Quote.Credit.N, cost+p.Quote.Cost
		}
	}
	if n := w.balance(t, h, ledger.ClassAdvance); n != paid-cost-refunded {
		t.Errorf("of %d paid, with %d on card and meter and %d paid out, %d are advance", paid, cost, refunded, n)
	}
	if m := h.meter.Snapshot().Loaded; m > stands {
		t.Errorf("the meter has %d, sold and not taken back are %d", m, stands)
	}
}
