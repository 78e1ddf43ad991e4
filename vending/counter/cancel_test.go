package counter_test

import (
	"context"
	"testing"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// TestCallerIsGone: whoever asked hangs up while the card is being written. What
// was proved of the card is stored all the same.
func TestCallerIsGone(t *testing.T) {
	w := newWorld(t)
	for name, at := range map[string]func(counter.Terminal, func()) counter.Terminal{
		"before the write": func(t counter.Terminal, hangUp func()) counter.Terminal { return beforeLoad{t, hangUp} },
		"after the write":  func(t counter.Terminal, hangUp func()) counter.Terminal { return afterLoad{t, hangUp} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := w.household(t)
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			req := request(topUpFen)
			out, err := w.desk(w.store).TopUp(ctx, at(w.terminal(slotWith(h)), hangUp), req)
			if err != nil || out.Purchase.State != vending.Loaded {
				t.Errorf("%s, %v: want it loaded", out.Purchase.State, err)
			}
			if p, err := w.store.Purchase(t.Context(), req.ID); err != nil || p.State != vending.Loaded {
				t.Errorf("the books say %s, %v", p.State, err)
			}
		})
	}
}
