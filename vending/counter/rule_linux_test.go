package counter_test

import (
	"context"
	"testing"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// ruled is a terminal whose cards say another load rule than ours.
type ruled struct {
	counter.Terminal
	rule cardio.LoadRule
}

func (r ruled) Present(ctx context.Context) (counter.Card, error) {
	card, err := r.Terminal.Present(ctx)
	return ruledCard{card, r.rule}, err
}

type ruledCard struct {
	counter.Card
	rule cardio.LoadRule
}

func (c ruledCard) Contents() cardio.Contents {
	now := c.Card.Contents()
	now.Rule = c.rule
	return now
}

// TestTopUpByRule: a card carries as many purchases that the meter has not taken as its
// load rule lets it; then the meter comes first.
func TestTopUpByRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	desk := w.desk(w.store)
	for rule, most := range map[cardio.LoadRule]int{cardio.ByCounter: 1, cardio.ByHistory: 3, cardio.Cumulative: 5} {
		h := w.household(t)
		at := func() counter.Terminal { return ruled{w.terminal(slotWith(h)), rule} }
		for range most {
			if out, err := desk.TopUp(t.Context(), at(), request(firstFen)); err != nil || out.Purchase.State != vending.Loaded {
				t.Fatalf("%s: %v", rule, err)
			}
		}
		if rule == cardio.Cumulative {
			continue
		}
		_, err := desk.TopUp(t.Context(), at(), request(firstFen))
		wantErr(t, err, vending.ErrCardUnloaded)
		_, err = desk.Quote(t.Context(), at(), request(firstFen))
		wantErr(t, err, vending.ErrCardUnloaded)
		w.drives(t, h)
		if out, err := desk.TopUp(t.Context(), at(), request(firstFen)); err != nil || out.Purchase.State != vending.Loaded {
			t.Errorf("%s, after the meter: %v", rule, err)
		}
	}
}

// TestReverseByCount: a meter that goes by the count would refuse the card for good.
func TestReverseByCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	h, p := w.sold(t, topUpFen)
	before := h.chip.File(vendorFile)
	_, err := w.desk(w.store).Reverse(t.Context(), ruled{w.terminal(slotWith(h)), cardio.ByCounter}, deed(clerk), counter.ReverseRequest{Purchase: p.Slip()})
	wantErr(t, err, vending.ErrRuleCounts)
	if string(before) != string(h.chip.File(vendorFile)) {
		t.Error("the card was written")
	}
}
