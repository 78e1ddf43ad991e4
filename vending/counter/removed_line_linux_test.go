package counter_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// A meter that was replaced hangs on its line still, or in the workshop: what it says is taken in, and nothing is sold on it or sent
// to it. Its credit is in the new one, and taken over again it would be in the books twice.
func TestRemovedMeterIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-10 10:00")
	h := s.world.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.wire.Now = s.Desk.Now
	h.served(t, 37, 900_000, 850_000)
	s.must(h.meter.Change(func(m *metersim.State) { m.Time = s.Desk.Now().UTC() }))
	_, err := s.Desk.PutOnLine(t.Context(), deed(clerk), h.asked, alone)
	s.must(err)
	_, req := h.seen(t, s.Desk)
	_, _, err = s.Desk.TakeOverMeter(t.Context(), approved(), h.asked, h.wire, req)
	s.must(err)
	_, _, err = s.Desk.ReplaceMeter(t.Context(), deed(chief), counter.SwapRequest{Customer: h.no, Old: h.number(), New: "90000000000777", OldRegister: 850_000})
	s.must(err)
	line, ctx := h.terminal(s.Desk, h.wire), t.Context()
	for name, do := range map[string]func() error{
		"take over": func() error { _, _, err := s.Desk.TakeOverMeter(ctx, approved(), h.asked, h.wire, req); return err },
		"put":       func() error { _, err := s.Desk.PutOnLine(ctx, deed(clerk), h.asked, alone); return err },
		"price":     func() error { _, _, err := s.Desk.NextPrice(ctx, h.no, h.number()); return err },
		"clock":     func() error { _, err := s.Desk.SetClock(ctx, deed(clerk), h.asked, h.wire); return err },
		"name it":   func() error { _, err := s.Store.LineMeter(ctx, h.number()); return err },
		"valve": func() error {
			o := counter.ValveOrder{Open: true, Seen: h.number(), SeenAgain: h.number()}
			_, err := s.Desk.TurnValve(ctx, deed(clerk), h.asked, o, h.wire)
			return err
		},
	} {
		var why *vending.Error
		if err := do(); !errors.Is(err, vending.ErrMeterRemoved) || !errors.As(err, &why) || !strings.Contains(why.Error(), "2026-01-10") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if out, err := s.Desk.TopUpOnLine(ctx, line, request(topUpFen)); err == nil {
		t.Errorf("sold on a meter that was replaced: %+v", out.Purchase)
	}
	h.report(t) // late: it is no error
	h.holds(t, 0, 0, 850_000)
	s.world.wantSound(t)
}

// Nobody had bought on it yet.
func TestRemovedMeterIsNotSoldOn(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-10 10:00")
	h := s.world.onLine(t, gasOnLine(), metersim.Friendly(), 1)
	h.wire.Now = s.Desk.Now
	_, err := s.Desk.PutOnLine(t.Context(), deed(clerk), h.asked, alone)
	s.must(err)
	_, _, err = s.Desk.ReplaceMeter(t.Context(), deed(chief), counter.SwapRequest{Customer: h.no, Old: h.number(), New: "90000000000777"})
	s.must(err)
	line := h.terminal(s.Desk, h.wire)
	_, _, err = s.Desk.IssueCard(t.Context(), line, h.no, h.number())
	wantErr(t, err, vending.ErrMeterRemoved)
	if out, err := s.Desk.TopUpOnLine(t.Context(), line, request(topUpFen)); err == nil {
		t.Errorf("sold on a meter that was replaced: %+v", out.Purchase)
	}
	s.world.wantSound(t)
}
