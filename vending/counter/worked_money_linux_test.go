package counter_test

import (
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// A meter that counts money: fen for fen, and the price is the meter's. It charges 2.63, and is told 3.00 from 1 April.
//
//	5 March, 200.00:  200.00 of credit, no change. It burns 131.50: 50 m³ at 2.63. 131.50 earned, VAT 131.50 × 9/109 = 10.858 → 10.86
//	1 April:          3.00 is in force. The meter has not heard of it, burns on at 2.63, and the preview lists it
//	8 April:          the order goes out, and nothing is heard; then the meter says 3.00, and from now on it counts
//	April:            26.30 at 2.63 and 30.00 at 3.00 were burnt: 56.30. 187.80 in all, VAT 15.506 → 15.51, less 10.86: 4.65
//	10 May, 100.00:   taken back before the meter has them: 100.00 in cash
//	12 May:           they move away. The register says 70.000 m³, the display 12.20 of 200.00: 12.20 are paid out
func TestWorkedMoneyMeter(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-03-01 10:00")
	s.lists(moneyList(t, "gas-money"))
	dearer := moneyList(t, "gas-money")
	dearer.From, dearer.Tiers = instant(t, "2026-04-01 00:00"), []vending.Tier{{PriceFen: 300}}
	s.lists(dearer)
	h := s.home("gas-money")
	s.on("2026-03-05 10:00")
	h.charges(t, nil, true)
	h.says(t, 263, nil)
	h.buys(20_000, 20_000, 0, 0)
	h.burns(13_150)
	h.holds(map[ledger.Class]int64{ledger.ClassPrepaid: 20_000, ledger.ClassAdvance: 0})
	s.on("2026-04-08 10:00")
	h.earned(202603, 13_150, 1_086)
	h.charges(t, []vending.Tier{{PriceFen: 263}}, true)
	if e := s.changes("gas-money", "2026-04-01", vending.PolicyKeep); len(e) != 1 || e[0].Order != vending.OrderScheduled || e[0].Fen != 0 {
		t.Errorf("%+v", e)
	}
	h.burns(2_630)
	o, _, err := s.NextPrice(t.Context(), h.no, h.number())
	s.must(err)
	for _, e := range []vending.OrderEvent{vending.OrderGoesOut, vending.OrderUnheard} {
		_, err = s.MovePrice(t.Context(), o, e)
		s.must(err)
	}
	h.charges(t, []vending.Tier{{PriceFen: 263}}, true)
	h.says(t, 299, vending.ErrPriceUnknown)
	h.says(t, 300, nil)
	h.charges(t, dearer.Tiers, false)
	_, _, err = s.NextPrice(t.Context(), h.no, h.number())
	wantErr(t, err, vending.ErrNoPriceOrder)
	h.burns(3_000)
	s.on("2026-05-10 10:00")
	h.earned(202604, 5_630, 465)
	h.bringsBack(t, 10_000, 10_000, clerk, counter.ReverseRequest{}, 10_000)
	s.on("2026-05-12 10:00")
	s.floats(t, 2_000)
	register := int64(70_000)
	out, _, err := s.TakeStep(t.Context(), deed(clerk), counter.StepRequest{Customer: h.no, Payment: cash, Change: vending.Change{Step: vending.StepClose,
		Reason: "moved away", Seen: h.number(), SeenAgain: h.number(), Register: &register, Display: h.shows()}})
	if err != nil || out.PaidOut != 1_220 || out.Refunded != ledger.Fen(1_220) {
		t.Fatalf("%+v, %v", out, err)
	}
	s.homes = nil
	s.on("2026-06-01 10:00")
	h.earned(202605, 0, 0)
	s.trial(map[string]int64{"bank:main": -20_000 + 1_220, "revenue:residential": 18_780 - 1_551, "vat:output": 1_551,
		"sold:all": -18_780, "consumed:" + h.number(): 18_780})
}

// charges holds what the books say that the home's meter charges against what it must be.
func (h *home) charges(t *testing.T, tiers []vending.Tier, due bool) {
	t.Helper()
	view, err := h.street.Look(t.Context(), h.terminal())
	if err != nil || view.Charges == nil || view.Charges.Due != due || len(view.Charges.Version.Tiers) != len(tiers) ||
		len(tiers) > 0 && view.Charges.Version.Tiers[0] != tiers[0] {
		t.Errorf("%+v, %v; want %v, due %t", view.Charges, err, tiers, due)
	}
}

// says is what the home's meter says that it charges.
func (h *home) says(t *testing.T, fen int64, want error) {
	t.Helper()
	_, err := h.street.HearPrices(t.Context(), h.no, h.number(), []vending.Tier{{PriceFen: fen}})
	wantErr(t, err, want)
}
