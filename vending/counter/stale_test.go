package counter_test

import (
	"context"
	"sync"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// A card that was read at one terminal can be written at another before the first
// takes its purchase up: to be the last to take it up is not enough.

// TestReadBeforeTakenUp: a terminal has read the card and not taken the purchase
// up yet, when the card leaves it and is written at another one. What the first
// read is old news, though it is the last to take the purchase up.
func TestReadBeforeTakenUp(t *testing.T) {
	w := newWorld(t)
	h := w.household(t)
	req := request(topUpFen)
	w.leavePendingAs(t, h, req)

	first, second := slotWith(h), slotWith(h)
	written, mayReport := make(chan struct{}), make(chan struct{})
	resumed := make(chan error, 1)
	moved := &presenting{Terminal: w.terminal(first), nth: 1, after: func() {
		first.Pull()
		go func() {
			out, err := w.desk(w.store).Resume(t.Context(), afterLoad{w.terminal(second), func() {
				close(written)
				<-mayReport
			}})
			if err == nil && out.Purchase.State != vending.Loaded {
				t.Errorf("second terminal: %s", out.Purchase.State)
			}
			resumed <- err
		}()
		<-written
	}}
	out, err := w.desk(w.store).Resume(t.Context(), moved)
	if err == nil && out.Purchase.State == vending.Voided {
		t.Errorf("first terminal gave the money back of what is on the card")
	}
	close(mayReport)
	if err := <-resumed; err != nil {
		t.Fatal(err)
	}
	a := &aftermath{world: w, home: h, req: req, err: errNothingClaimed}
	a.sit(slotWith(h), honest)
	failAll(t, "card moved before it was taken up", a.check(t.Context()))
}

// afterLoad is a terminal whose cards wait after they were written.
type afterLoad struct {
	counter.Terminal
	wait func()
}

func (a afterLoad) Present(ctx context.Context) (counter.Card, error) {
	card, err := a.Terminal.Present(ctx)
	if err != nil {
		return nil, err
	}
	return writtenCard{card, a.wait}, nil
}

type writtenCard struct {
	counter.Card
	wait func()
}

func (c writtenCard) Load(o cardio.Order) (cardio.Verdict, error) {
	v, err := c.Card.Load(o)
	c.wait()
	return v, err
}

// TestReadAgainBeforeTakenUp is the same after a broken link: the card is read
// anew, and leaves before the purchase is taken up anew.
func TestReadAgainBeforeTakenUp(t *testing.T) {
	w := newWorld(t)
	h := w.household(t)
	req := request(topUpFen)
	first, second := slotWith(h), slotWith(h)
	first.Inject(cardsim.Nth(3), cardsim.FailBefore())
	written, mayReport := make(chan struct{}), make(chan struct{})
	resumed := make(chan error, 1)
	moved := &presenting{Terminal: w.terminal(first), nth: 2, after: func() {
		first.Pull()
		go func() {
			_, err := w.desk(w.store).Resume(t.Context(), afterLoad{w.terminal(second), func() {
				close(written)
				<-mayReport
			}})
			resumed <- err
		}()
		<-written
	}}
	out, err := w.desk(w.store).TopUp(t.Context(), moved, req)
	if err != nil || out.Purchase.State == vending.Voided {
		t.Errorf("first terminal: %s, %v: want it pending", out.Purchase.State, err)
	}
	close(mayReport)
	if err := <-resumed; err != nil {
		t.Fatal(err)
	}
	a := &aftermath{world: w, home: h, req: req, err: errNothingClaimed}
	a.sit(slotWith(h), honest)
	failAll(t, "card moved before it was taken up again", a.check(t.Context()))
}

// TestBackBeforeWritten: the card leaves the first terminal, is proved untouched at
// the second, and is back and written at the first before the second says so.
func TestBackBeforeWritten(t *testing.T) {
	w := newWorld(t)
	h := w.household(t)
	req := request(topUpFen)
	w.leavePendingAs(t, h, req)
	first, second := slotWith(h), slotWith(h)
	second.Inject(cardsim.OnINS(getChallenge), cardsim.Short(2))
	proved, mayReport := make(chan struct{}), make(chan struct{})
	resumed := make(chan counter.Outcome, 1)
	var other counter.Outcome
	report := sync.OnceFunc(func() { close(mayReport); other = <-resumed })
	back := &presenting{Terminal: afterLoad{w.terminal(first), report}, nth: 2, before: func() {
		first.Pull()
		go func() {
			out, err := w.desk(w.store).Resume(t.Context(), afterLoad{w.terminal(second), func() {
				close(proved)
				<-mayReport
			}})
			if err != nil {
				t.Error(err)
			}
			resumed <- out
		}()
		<-proved
		second.Pull()
		first.Insert(h.chip)
	}}
	if _, err := w.desk(w.store).Resume(t.Context(), back); err != nil {
		t.Error(err)
	}
	report()
	now, err := contents(t.Context(), w.terminal(slotWith(h)))
	if err != nil {
		t.Fatal(err)
	}
	if other.Purchase.State == vending.Voided && now.Purse.Purchase == req.ID {
		t.Errorf("the card holds what was given back")
	}
	a := &aftermath{world: w, home: h, req: req, err: errNothingClaimed}
	a.sit(slotWith(h), honest)
	failAll(t, "card back before it was written", a.check(t.Context()))
}

// presenting is a terminal where something happens around one presentation.
type presenting struct {
	counter.Terminal
	nth           int // from 1
	before, after func()
}

func (p *presenting) Present(ctx context.Context) (counter.Card, error) {
	p.nth--
	if p.nth == 0 && p.before != nil {
		p.before()
	}
	card, err := p.Terminal.Present(ctx)
	if p.nth == 0 && p.after != nil {
		p.after()
	}
	return card, err
}
