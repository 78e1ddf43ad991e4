package counter_test

import (
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// burnsUntil lets the meter burn by a day, whose report is held or not.
func (h *metered) burnsUntil(t *testing.T, s *street, day string, litres int64, held bool) {
	t.Helper()
	s.on(day + " 10:00")
	s.must(h.meter.Change(func(m *metersim.State) { m.Time = s.Desk.Now().UTC() }))
	h.burnt(t, s, litres, held)
}

// burnt is burnsUntil with a clock that stands still.
func (h *metered) burnt(t *testing.T, s *street, litres int64, held bool) {
	t.Helper()
	if n, err := h.meter.Burn(litres); err != nil || n != litres {
		t.Fatal(n, err)
	}
	h.report(t)
	list, err := s.world.store.HeldReports(t.Context(), 100)
	s.must(err)
	if is := len(list) > 0 && list[len(list)-1].Consumed == h.meter.Snapshot().Consumed; is != held {
		t.Errorf("%s, %d litres: held is %t, want %t", s.now.Format("01-02"), litres, is, held)
	}
}

// buysOnLine sells on the meter.
func (h *metered) buysOnLine(t *testing.T, s *street, fen int64) {
	t.Helper()
	out, err := s.Desk.TopUpOnLine(t.Context(), h.terminal(s.Desk, h.wire), request(fen))
	if err != nil || out.Purchase.State != vending.Loaded {
		t.Errorf("%s: %v, %v", s.now.Format("01-02"), out.Purchase.State, err)
	}
}

// usual is a household that uses some gas on its line.
func usual(t *testing.T, s *street) *metered {
	h := s.world.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.wire.Now = s.Desk.Now
	s.must(h.meter.Change(func(m *metersim.State) { m.Time = s.Desk.Now().UTC() }))
	h.joins(t)
	h.buysOnLine(t, s, 20_000)
	for _, day := range []string{"2026-01-12", "2026-01-20", "2026-02-12"} {
		h.burnsUntil(t, s, day, 1500, false)
	}
	return h
}

// It turns cold, and the heating runs: the report is held until somebody has looked (RULES D4). The customer buys meanwhile, and again:
// what the meter took it shows. Its credit is no card's, so that the meter may be replaced, too.
func TestHeldReportStopsNoSale(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-02 10:00")
	h := usual(t, s)
	for _, day := range []string{"2026-02-13", "2026-02-14"} {
		h.burnsUntil(t, s, day, 20_000, true)
		h.buysOnLine(t, s, 5_000)
	}
	m := h.meter.Snapshot()
	swap, done, err := s.Desk.ReplaceMeter(t.Context(), deed(chief),
		counter.SwapRequest{Customer: h.no, Old: h.number(), New: "90000000000777", OldRegister: m.Consumed})
	if err != nil || !done || swap.Carried != m.Loaded-m.Consumed {
		t.Errorf("%d have %d left: %+v, %v", m.Loaded, m.Loaded-m.Consumed, swap, err)
	}
	h.holds(t, 0, 0, m.Consumed)
	s.world.wantSound(t)
}

// The battery of a meter's clock is empty. Each report is held against the one before it, and not against the last that had a time
// of its own: when somebody has believed one that jumped, the next is as usual.
func TestClockStandsStill(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-02 10:00")
	h := usual(t, s)
	h.burnsUntil(t, s, "2026-02-13", 1500, false)
	for _, c := range []struct {
		day    string
		litres int64
		held   bool
	}{{"2026-02-18", 6_000, false}, {"2026-02-20", 20_000, true}, {"2026-02-22", 6_000, false}, {"2026-02-24", 6_000, false}} {
		s.on(c.day + " 10:00")
		h.burnt(t, s, c.litres, c.held)
		s.believes()
	}
	s.world.wantSound(t)
}
