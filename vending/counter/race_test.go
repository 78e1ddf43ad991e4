package counter_test

import (
	"context"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// The race that a lock on the card cannot prevent: the card leaves one terminal
// before it was written, and is in the next before the first has told the books
// that it was untouched. Whoever wins, the card must not hold credit whose money
// was given back.

// TestUntouchedIsOldNews: the second terminal has taken the purchase up and is
// about to write when the first one says untouched.
func TestUntouchedIsOldNews(t *testing.T) {
	w := newWorld(t)
	h := w.household(t)
	first, second := slotWith(h), slotWith(h)
	req := request(topUpFen)
	first.Inject(cardsim.Nth(3), cardsim.PullBefore()) // before the first challenge: nothing is written

	aboutToWrite, mayWrite := make(chan struct{}), make(chan struct{})
	resumed := make(chan error, 1)
	startSecond := func() {
		go func() {
			out, err := w.desk(w.store).Resume(t.Context(), beforeLoad{w.terminal(second), func() {
				close(aboutToWrite)
				<-mayWrite
			}})
			if err == nil && out.Purchase.State != vending.Loaded {
				t.Errorf("second terminal: %s", out.Purchase.State)
			}
			resumed <- err
		}()
		<-aboutToWrite
	}
	out, err := w.desk(w.store).TopUp(t.Context(), &secondPresent{w.terminal(first), startSecond, 0}, req)
	if err != nil || out.Purchase.State == vending.Voided {
		t.Errorf("first terminal: %s, %v: it gave the money back while another was writing", out.Purchase.State, err)
	}
	close(mayWrite)
	if err := <-resumed; err != nil {
		t.Fatal(err)
	}
	a := &aftermath{world: w, home: h, req: req, err: errNothingClaimed}
	a.sit(slotWith(h), honest)
	failAll(t, "card moved before the first was done", a.check(t.Context()))
}

// TestEndedWhileTakenUp: the second terminal has read that the purchase is
// pending, and the first one voids it before the second takes it up.
func TestEndedWhileTakenUp(t *testing.T) {
	w := newWorld(t)
	h := w.household(t)
	req := request(topUpFen)
	slot := slotWith(h)
	slot.Inject(cardsim.OnINS(getChallenge), cardsim.Short(2))
	var now vending.Purchase
	// The first terminal's whole visit happens while the second one reads the card.
	during := func() {
		out, err := w.desk(w.store).TopUp(t.Context(), w.terminal(slot), req)
		if err != nil || out.Purchase.State != vending.Voided {
			t.Fatalf("%s, %v: want it voided", out.Purchase.State, err)
		}
		now = out.Purchase
	}
	w.leavePendingAs(t, h, req)
	second := slotWith(h)
	out, err := w.desk(w.store).TopUp(t.Context(), &atPresent{w.terminal(second), during}, req)
	if err != nil || out.Purchase.State != now.State || !out.Repeated {
		t.Errorf("second terminal: %+v, %v: want the voided one", out.Purchase, err)
	}
	for _, e := range second.Log() {
		if e.INS == updateBinary {
			t.Error("a voided purchase was written to the card")
		}
	}
}

// leavePendingAs stores the intent of a sale and cuts before anything else.
func (w *world) leavePendingAs(t *testing.T, h *household, req counter.TopUpRequest) {
	t.Helper()
	db := new(wire)
	s, err := w.open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.arm(1, commitAnswerLostForGood)
	if _, err := w.desk(s).TopUp(t.Context(), w.terminal(slotWith(h)), req); err == nil {
		t.Fatal("the cut went unnoticed")
	}
}

// beforeLoad is a terminal whose cards wait before they are written.
type beforeLoad struct {
	counter.Terminal
	wait func()
}

func (b beforeLoad) Present(ctx context.Context) (counter.Card, error) {
	card, err := b.Terminal.Present(ctx)
	if err != nil {
		return nil, err
	}
	return waitingCard{card, b.wait}, nil
}

type waitingCard struct {
	counter.Card
	wait func()
}

func (c waitingCard) Load(o cardio.Order) (cardio.Verdict, error) {
	c.wait()
	return c.Card.Load(o)
}

// secondPresent does something when the card is presented for the second time,
// and then has none.
type secondPresent struct {
	counter.Terminal
	then func()
	n    int
}

func (s *secondPresent) Present(ctx context.Context) (counter.Card, error) {
	if s.n++; s.n == 2 {
		s.then()
		return nil, cardio.ErrNoCard
	}
	return s.Terminal.Present(ctx)
}

// atPresent does something before the card is presented.
type atPresent struct {
	counter.Terminal
	first func()
}

func (a *atPresent) Present(ctx context.Context) (counter.Card, error) {
	if first := a.first; first != nil {
		a.first = nil
		first()
	}
	return a.Terminal.Present(ctx)
}
