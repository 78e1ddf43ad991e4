package counter_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// stuckValve is a valve that does what its fields say.
type stuckValve struct {
	open, known  bool
	said, silent error // by Turn, and by Stands
	turned       int
}

func (v *stuckValve) Turn(context.Context, bool) error { v.turned++; return v.said }
func (v *stuckValve) Stands(context.Context) (bool, bool, error) {
	return v.open, v.known, v.silent
}

func (h *metered) order(open bool) counter.ValveOrder {
	return counter.ValveOrder{Open: open, Seen: h.number(), SeenAgain: h.number()}
}

// A valve is where it should be when it says so, and not when somebody said that it would.
func TestValveIsProved(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	d := h.world.desk(h.world.store)
	for name, c := range map[string]struct {
		valve stuckValve
		want  error
	}{
		"it shut":                           {stuckValve{known: true}, nil},
		"it shut, and nobody said so":       {stuckValve{known: true, said: errCutLine}, nil},
		"it was said, and it stands open":   {stuckValve{open: true, known: true}, vending.ErrValveUnproved},
		"it was said, and it does not know": {stuckValve{}, vending.ErrValveUnproved},
		"it declines":                       {stuckValve{open: true, known: true, said: vending.ErrMeterDeclined}, vending.ErrMeterDeclined},
		"nobody answers":                    {stuckValve{said: errCutLine, silent: errCutLine}, vending.ErrValveUnproved},
		"it has none":                       {stuckValve{said: vending.ErrNoValve, silent: vending.ErrNoValve}, vending.ErrNoValve},
	} {
		deed := vending.Deed{ID: uuid.New(), By: clerk, Why: "arrears"}
		if _, err := d.TurnValve(t.Context(), deed, h.asked, h.order(false), &c.valve); !errors.Is(err, c.want) || c.want == nil && err != nil || c.valve.turned != 1 {
			t.Errorf("%s: %v, ordered %d times", name, err, c.valve.turned)
		}
		again, err := d.TurnValve(t.Context(), deed, h.asked, h.order(false), &c.valve)
		if sent := c.valve.turned - 1; (c.want == nil) != (sent == 0 && !again && err == nil) {
			t.Errorf("%s, again: sent %d times, %v, %v", name, sent, again, err)
		}
	}
}

// Never the wrong household, and never without a reason (RULES A8): nothing is sent.
func TestValveIsNotTurned(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	d := h.world.desk(h.world.store)
	for name, c := range map[string]struct {
		change func(*counter.ValveOrder, *vending.Deed, *vending.LineMeter)
		want   error
	}{
		"seen once":        {func(o *counter.ValveOrder, _ *vending.Deed, m *vending.LineMeter) { o.SeenAgain = "" }, vending.ErrSeenTwice},
		"another, then it": {func(o *counter.ValveOrder, _ *vending.Deed, m *vending.LineMeter) { o.Seen = "10000000000009" }, vending.ErrSeenTwice},
		"no reason":        {func(_ *counter.ValveOrder, d *vending.Deed, _ *vending.LineMeter) { d.Why = "" }, vending.ErrReasonMissing},
		"not hers": {func(o *counter.ValveOrder, _ *vending.Deed, m *vending.LineMeter) {
			m.Meter, o.Seen, o.SeenAgain = "10000000000009", "10000000000009", "10000000000009"
		}, vending.ErrNoMeter},
		"not permitted": {func(_ *counter.ValveOrder, d *vending.Deed, _ *vending.LineMeter) { d.By.Role = vending.RoleFinance }, vending.ErrNotPermitted},
	} {
		v, deed, o, m := &stuckValve{known: true}, vending.Deed{ID: uuid.New(), By: clerk, Why: "arrears"}, h.order(false), h.asked
		c.change(&o, &deed, &m)
		if _, err := d.TurnValve(t.Context(), deed, m, o, v); !errors.Is(err, c.want) || v.turned > 0 {
			t.Errorf("%s: %v, ordered %d times", name, err, v.turned)
		}
	}
}

// On a real line: it shuts, stays shut whatever is bought, and opens.
func TestValveOnALine(t *testing.T) {
	t.Parallel()
	h := newWorld(t).onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.joins(t)
	d := h.world.desk(h.world.store)
	deed := func() vending.Deed { return vending.Deed{ID: uuid.New(), By: clerk, Why: "arrears"} }
	if _, err := d.TurnValve(t.Context(), deed(), h.asked, h.order(false), h.wire); err != nil {
		t.Error(err)
	}
	if out, err := d.TopUpOnLine(t.Context(), h.terminal(d, h.wire), request(topUpFen)); err != nil || out.Purchase.State != vending.Loaded {
		t.Errorf("%v, %v", out.Purchase.State, err)
	}
	if h.meter.Snapshot().ValveOpen {
		t.Error("a purchase opened what an order had shut")
	}
	if _, err := d.TurnValve(t.Context(), deed(), h.asked, h.order(true), h.wire); err != nil || !h.meter.Snapshot().ValveOpen {
		t.Error(err)
	}
}
