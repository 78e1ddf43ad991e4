package counter_test

import (
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// What an estimate has recognised of credit that never left the card. At 2.63, no reading
// after 31 January:
//
//	5 January, 263.00:   100 m³, taken by the meter; 50 m³ are burnt and read on the 31st: 131.50 earned, VAT 10.86
//	20 February, 52.60:  20 m³, and the card stays in a drawer
//	February to May:     by the estimate everything is burnt, 120 m³: all 315.60 earned; prepaid is 0
//	10 June:             the chief takes the 52.60 back. The meter has proved 50 m³: 184.10 of what was recognised are
//	                     taken back, 131.50 stay; prepaid is 131.50 for the 50 m³ that are in the meter
//	30 June, read:       80 m³: 263.00 × 80 / 100 = 210.40 earned, 78.90 in June. VAT of 210.40 is 17.37
func TestReverseWhatWasEstimated(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-05 10:00")
	s.lists(flatList(t, "gas-even", "2026-01-06", 263))
	s.on("2026-01-06 10:00")
	h := s.home("gas-even")
	h.buys(26_300, 100_000, 0, 0)
	h.burns(50_000)
	s.on("2026-02-20 10:00")
	h.earned(202601, 13_150, 1_086)
	p, err := h.tops(5_260, vending.Cash)
	if err != nil || p.Quote.Credit.N != 20_000 {
		t.Fatal(p.Quote, err)
	}
	s.silent = true
	s.on("2026-06-10 10:00")
	h.holds(map[ledger.Class]int64{ledger.ClassPrepaid: 0, ledger.ClassCard: 20_000, ledger.ClassMeter: 50_000})

	act := deed(chief)
	act.Why = "wrong customer"
	back, err := s.As(chief).Reverse(t.Context(), h.terminal(), act,
		counter.ReverseRequest{Purchase: p.Slip(), Payment: vending.Payment{Means: vending.FromAdvance}})
	if err != nil || back.Purchase.State != vending.Loaded {
		t.Fatalf("%+v, %v", back, err)
	}
	h.holds(map[ledger.Class]int64{ledger.ClassPrepaid: 13_150, ledger.ClassAdvance: 5_260, ledger.ClassCard: 0, ledger.ClassMeter: 50_000})

	s.silent = false
	h.burns(30_000)
	s.on("2026-07-01 10:00")
	h.earned(202606, 7_890, 1_737-1_086)
	h.holds(map[ledger.Class]int64{ledger.ClassPrepaid: 5_260, ledger.ClassAdvance: 5_260, ledger.ClassMeter: 20_000})
	s.trial(map[string]int64{"bank:main": -31_560, "advance:1001": 5_260, "prepaid:1001": 5_260, "vat:output": 1_737, "revenue:residential": 21_040 - 1_737})
}
