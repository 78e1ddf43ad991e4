package counter_test

import (
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/fixtures/metersim"
	"github.com/vendgate/vendgate/meterproto/cjt188"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// follows is a household whose meter is replaced by one that begins at a register (RULES A7); prepaid, it was preset to the 50 m³ that
// were left, and sells; else it is only read.
func (s *street) follows(register int64, prepaid bool) *metered {
	s.t.Helper()
	h := s.world.onLine(s.t, gasOnLine(), metersim.Friendly(), 1)
	h.wire.Now = s.Desk.Now
	h.served(s.t, 37, 900_000, 850_000)
	s.must(h.meter.Change(func(m *metersim.State) { m.Time = s.Desk.Now().UTC() }))
	h.isTakenOver(s.t, s.Desk)
	old := h.number()
	h.asked.Meter = fmt.Sprintf("9%013d", h.no)
	h.wire.Meter = h.asked.Meter
	_, _, err := s.Desk.ReplaceMeter(s.t.Context(), deed(chief),
		counter.SwapRequest{Customer: h.no, Old: old, New: h.number(), OldRegister: 850_000, NewRegister: register})
	s.must(err)
	h.served(s.t, 0, 50_000, 0)
	d := impatient()
	if !prepaid {
		d.Credit = cjt188.Credit(0)
	}
	h.wire.Driver = &strange{d, h.meter, register, 0}
	return h
}

// goesOn lets the meter burn until a day and reads it on its line.
func (h *metered) goesOn(s *street, day string, litres int64) {
	s.t.Helper()
	s.on(day)
	s.must(h.meter.Change(func(m *metersim.State) { m.Time = s.Desk.Now().UTC() }))
	if _, err := h.meter.Burn(litres); err != nil {
		s.t.Fatal(err)
	}
	h.report(s.t)
}

// A meter came with 7.500 m³ on its register, which nobody here has burnt: no reading on its line bills them, on whatever path. By
// hand, of 50 m³ for 100.00: 12.5 m³ are burnt in January, 25.00 earned; read on site at 21.0, and replaced at 22.5.
func TestFirstRegisterIsNobodysUse(t *testing.T) {
	t.Parallel()
	for name, prepaid := range map[string]bool{"read only": false, "sold on": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t, "2026-01-10 10:00")
			h := s.follows(7_500, prepaid)
			if prepaid {
				if o := h.isTakenOver(t, s.Desk); o.Fresh() != 0 || o.Total != 50_000 {
					t.Errorf("%+v", o)
				}
			}
			h.report(t)
			h.holds(t, 0, 50_000, 0)
			h.goesOn(s, "2026-01-31 23:00", 12_500)
			h.holds(t, 0, 37_500, 12_500)
			h.wantDifferences(t, 0)
			left := int64(37_500)
			if prepaid {
				out, err := s.Desk.TopUpOnLine(t.Context(), h.terminal(s.Desk, h.wire), request(topUpFen))
				if err != nil || out.Purchase.State != vending.Loaded {
					t.Fatalf("%+v, %v", out, err)
				}
				left += out.Purchase.Quote.Credit.N
				h.holds(t, 0, left, 12_500)
			}
			s.on("2026-02-02 10:00")
			(&home{street: s, household: &household{no: h.no}}).earned(202601, 2500, 206)
			// Nothing jumps that is counted from where it began, and what is read on site is the same register.
			h.goesOn(s, "2026-02-05 10:00", 1_000)
			h.holds(t, 0, left-1_000, 13_500)
			third := counter.SwapRequest{Customer: h.no, Old: h.number(), New: fmt.Sprintf("8%013d", h.no), OldRegister: 20_999}
			_, _, err := s.Desk.ReplaceMeter(t.Context(), deed(chief), third)
			wantErr(t, err, vending.ErrReadingBack)
			third.OldRegister = 22_500
			swap, _, err := s.Desk.ReplaceMeter(t.Context(), deed(chief), third)
			if err != nil || swap.Position != 15_000 || swap.Carried != left-1_500-1_000 {
				t.Errorf("%+v, %v", swap, err)
			}
			s.world.wantSound(t)
		})
	}
}

// A register that came near its end begins again, and goes on from there.
func TestFirstRegisterRollsOver(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-10 10:00")
	const came = 999_999_000
	h := s.follows(came, false)
	reads := h.wire.Driver.(*strange)
	h.report(t)
	h.holds(t, 0, 50_000, 0)
	reads.register -= 1_000_000_000
	h.goesOn(s, "2026-01-20 10:00", 3_000)
	h.holds(t, 0, 47_000, 3_000)
	// Less than it came with, and far from its end, is no register of this meter.
	reads.register = came - 500_000
	_, err := h.wire.Hear(t.Context())
	wantErr(t, err, vending.ErrReadingBack)
}
