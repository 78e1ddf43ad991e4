package counter_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/intake"
)

// wired hangs the meter of a household that has a card on a line, too.
func (w *world) wired(t testing.TB, home *household) *metered {
	t.Helper()
	h := &metered{no: home.no, world: w, meter: home.meter, asked: vending.LineMeter{Customer: home.no, Meter: home.number(),
		Model: "cjt188-gas", Line: "cable", Baud: lineBaud, Parity: "even", Address: home.number()}}
	bus := metersim.NewBus(metersim.Line{Baud: lineBaud, Think: time.Millisecond, Faults: metersim.Friendly(), Seed: 1, Log: io.Discard})
	if err := bus.Add(h.meter); err != nil {
		t.Fatal(err)
	}
	h.wire = &intake.Wire{Store: w.store, Line: cabled(t, bus), Driver: impatient(), Meter: h.number(), Address: h.number(), Rolls: true, Now: time.Now}
	return h
}

// moves is what takes the meter of a card to its line, as it stands.
func (h *metered) moves(handedIn bool) counter.MeterTakeOver {
	s := h.meter.Snapshot()
	total := vending.FormatCredit(ledger.Amount{N: s.Loaded, Commodity: ledger.Litre})
	return counter.MeterTakeOver{Count: s.Count, Total: total, CloseCard: handedIn}
}

// A household goes from its card to its line: what is in the meter by its report stays, the card is dead, and the count goes on.
// Not while there is credit on the card, and not beside it.
func TestCardGivesWayToTheLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	home := w.household(t) // what the meter took from the card nobody has heard yet
	h, d := w.wired(t, home), w.desk(w.store)
	if _, err := d.PutOnLine(t.Context(), deed(clerk), h.asked, alone); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.IssueCard(t.Context(), h.terminal(d, h.wire), h.no, h.number()); !errors.Is(err, vending.ErrCardTaken) {
		t.Errorf("beside its card: %v", err)
	}
	if _, done, err := d.TakeOverMeter(t.Context(), approved(), h.asked, h.wire, h.moves(false)); done || !errors.Is(err, vending.ErrCardTaken) {
		t.Errorf("the card is in the customer's hand: %v, %v", done, err)
	}
	slot := slotWith(home)
	if out, err := d.TopUp(t.Context(), w.terminal(slot), request(topUpFen)); err != nil || out.Purchase.State != vending.Loaded {
		t.Fatal(out, err)
	}
	if _, done, err := d.TakeOverMeter(t.Context(), approved(), h.asked, h.wire, h.moves(true)); done || !errors.Is(err, vending.ErrCreditOnCard) {
		t.Errorf("credit is on the card: %v, %v", done, err)
	}
	if err := home.toMeter(slot); err != nil {
		t.Fatal(err)
	}
	act, req := approved(), h.moves(true)
	for _, want := range []bool{true, false} {
		if o, done, err := d.TakeOverMeter(t.Context(), act, h.asked, h.wire, req); done != want || err != nil || o.Fresh() != 0 {
			t.Fatalf("%+v, %v, %v", o, done, err)
		}
	}
	h.joins(t)
	h.wantMoved(t, home)
}

// wantMoved buys over the line, and not on the card, which brings the meter nothing.
func (h *metered) wantMoved(t *testing.T, home *household) {
	t.Helper()
	d, w := h.world.desk(h.world.store), h.world
	if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); err != nil || out.Purchase.Count != 3 || out.Purchase.State != vending.Loaded {
		t.Errorf("%+v, %v", out.Purchase, err)
	}
	slot := slotWith(home)
	if _, err := d.TopUp(t.Context(), w.terminal(slot), request(topUpFen)); !errors.Is(err, vending.ErrCardReturned) {
		t.Errorf("on the dead card: %v", err)
	}
	if err := home.toMeter(slot); err != nil {
		t.Error(err)
	}
	h.report(t)
	h.wantRuns(t, 0, 0)
	h.wantDifferences(t, 0)
	w.wantSound(t)
}

// A meter that counts otherwise than the books have sold on its card is not guessed about.
func TestCardThatDoesNotAgreeStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	home := w.household(t)
	h, d := w.wired(t, home), w.desk(w.store)
	if err := h.meter.Change(func(s *metersim.State) { s.Count++ }); err != nil {
		t.Fatal(err)
	}
	if _, done, err := d.TakeOverMeter(t.Context(), approved(), h.asked, h.wire, h.moves(true)); done || !errors.Is(err, vending.ErrMeterSays) {
		t.Errorf("%v, %v", done, err)
	}
	if out, err := d.TopUp(t.Context(), w.terminal(slotWith(home)), request(topUpFen)); err != nil || out.Purchase.State != vending.Loaded {
		t.Errorf("the card lives on: %+v, %v", out, err)
	}
}

// Cut at any question and at any commit, in every way: the same deed again finishes it, and the meter is opened once.
func TestTakeOverIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for at, cut := 0, true; cut; at++ {
		h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
		h.served(t, 37, 900_000, 850_000)
		broken := &cutWire{Wire: h.wire, at: at, how: "lost"}
		h.takenOverAgain(t, w.desk(w.store), broken)
		cut = broken.done
	}
	for _, do := range []func(*cutConn, []byte) error{commitNotSent, commitAnswerLost, commitOnItsWay} {
		for at := range 4 {
			h := w.onLine(t, gasOnLine(), metersim.Friendly(), 1)
			h.served(t, 37, 900_000, 850_000)
			link := &wire{at: -1}
			s, err := w.open(t.Context(), link)
			if err != nil {
				t.Fatal(err)
			}
			link.arm(at, do)
			line := *h.wire
			line.Store = s
			h.takenOverAgain(t, w.desk(s), &line)
			s.Close()
		}
	}
	w.wantSound(t)
}

// takenOverAgain takes a meter over in a way that may be cut, and does the same again.
func (h *metered) takenOverAgain(t *testing.T, cut *counter.Desk, broken counter.Wire) {
	t.Helper()
	d, act, cost := h.world.desk(h.world.store), approved(), int64(firstFen)
	req := counter.MeterTakeOver{Count: 37, Total: "900", CostFen: &cost}
	if _, _, err := cut.TakeOverMeter(t.Context(), act, h.asked, broken, req); err == nil {
		_, _, _ = cut.IssueCard(t.Context(), h.terminal(cut, broken), h.no, h.number())
	}
	if _, _, err := d.TakeOverMeter(t.Context(), act, h.asked, h.wire, req); err != nil {
		t.Fatal(err)
	}
	h.joins(t)
	if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); err != nil || out.Purchase.Count != 38 {
		t.Errorf("%+v, %v", out.Purchase, err)
	}
	h.wantRuns(t, 37, 900_000)
	h.wantDifferences(t, 0)
}
