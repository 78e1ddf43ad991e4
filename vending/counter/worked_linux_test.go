package counter_test

import (
	"testing"

	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// The worked examples of the books: each is played at the counter, with a card and a
// meter, month after month, and held against numbers that were computed by hand. Prices
// are per m³ and hold 9 % VAT. What is earned of a price lot is its cost × what is burnt of
// it / what it is, rounded down; the VAT in it is earned × 9 / 109, rounded half up.

// stepList is a price list of three steps a calendar year:
//
//	up to 350 m³  2.63
//	up to 500 m³  3.16
//	above         3.95
func stepList(t testing.TB, code string, proRata bool) vending.Tariff {
	v := flatList(t, code, "2026-01-01", 263)
	v.Tiers = []vending.Tier{{UpTo: 350_000, PriceFen: 263}, {UpTo: 500_000, PriceFen: 316}, {PriceFen: 395}}
	v.ProRata = proRata
	return v
}

// Tiers, in one purchase and over the year's end.
//
//	5 January, 1,800.00:  350 × 2.63 + 150 × 3.16 = 1,394.50; left 405.50 / 3.95 = 102.658 → 102.65 m³ for 405.4675
//	                      602.65 m³ for 1,799.9675 → 1,799.97, change 0.03
//	31 December, 100.00:  third tier: 100 / 3.95 = 25.316 → 25.31 m³ for 99.9745 → 99.98, change 0.02
//	1 January, 100.00:    first tier again: 100 / 2.63 = 38.022 → 38.02 m³ for 99.9926 → 100.00
//
// 100 m³ are burnt in January 2026: 1,799.97 × 100 / 602.65 = 298.675 → 298.67, VAT 24.66. In January 2027 550 m³ are:
// all that is left of the first lot, 1,501.30, and 47.35 m³ over: 25.31 for 99.98 and 22.04 of 38.02 for
// 100.00 × 22.04 / 38.02 = 57.969 → 57.96. Together 1,659.24. VAT: of 1,799.97 148.62 less 24.66; of 99.98 8.26; of 57.96 4.79; 137.01.
func TestWorkedTiersAndYearEnd(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2025-12-31 12:00")
	s.lists(stepList(t, "gas-steps", false))
	s.on("2026-01-01 10:00")
	h := s.home("gas-steps")
	s.on("2026-01-05 10:00")
	h.buys(180_000, 602_650, 3, 0)
	h.burns(100_000)
	s.on("2026-12-31 22:00")
	h.earned(202601, 29_867, 2_466)
	h.earned(202602, 0, 0)
	h.buys(10_000, 25_310, 2, 0)
	s.on("2027-01-01 10:00")
	h.buys(10_000, 38_020, 0, 0)
	h.burns(550_000)
	s.on("2027-02-01 10:00")
	h.earned(202701, 165_924, 13_701)
	h.holds(map[ledger.Class]int64{ledger.ClassMeter: 602_650 + 25_310 + 38_020 - 650_000, ledger.ClassConsumed: 650_000})
	// 2,000.00 taken; 0.05 change; 100.00 − 57.96 = 42.04 are left of the last lot; VAT 24.66 + 137.01.
	s.trial(map[string]int64{"bank:main": -200_000, "advance:1001": 5, "prepaid:1001": 4_204,
		"revenue:residential": 29_867 + 165_924 - 16_167, "vat:output": 16_167})
}

// A move in mid-year, on two price lists. Until August the old party has bought for 1,000.00:
//
//	350 × 2.63 = 920.50; left 79.50 / 3.16 = 25.158 → 25.15 m³ for 79.474; 375.15 m³ for 999.974 → 999.98, change 0.02
//
// and has burnt 200 m³: 999.98 × 200 / 375.15 = 533.109 → 533.10, VAT 44.02. On 1 September they are paid out the 0.02; the
// credit stays. The new party buys for 500.00.
//
//	pro rata: 4 months of 12. 116.666 × 2.63 = 306.83158, 50 × 3.16 = 158.00, left 35.16842 / 3.95 = 8.903; in whole
//	          steps 175.56 m³, the last 8.894 for 35.1313: 499.96288 → 499.97, change 0.03
//	else:     the year of the premises goes on: 124.85 × 3.16 = 394.526; left 105.474 / 3.95 = 26.702; in whole steps
//	          151.55 m³, the last 26.70 for 105.465: 499.991 → 500.00
//
// In September 200 m³ are burnt: 175.15 that were left, for 999.98 − 533.10 = 466.88, and 24.85 of the new lot:
//
//	pro rata: 499.97 × 24.85 / 175.56 = 70.769 → 70.76; VAT 82.57 − 44.02 + 5.84
//	else:     500.00 × 24.85 / 151.55 = 81.986 → 81.98; VAT 82.57 − 44.02 + 6.77
func TestWorkedMove(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2025-12-31 12:00")
	s.lists(stepList(t, "gas-months", true))
	s.lists(stepList(t, "gas-year", false))
	s.on("2026-01-01 10:00")
	months, year := s.home("gas-months"), s.home("gas-year")
	for _, h := range []*home{months, year} {
		h.buys(100_000, 375_150, 2, 0)
		h.burns(200_000)
	}
	s.on("2026-09-01 12:00")
	for _, h := range []*home{months, year} {
		h.earned(202601, 53_310, 4_402)
		out, _, err := s.TransferPremises(t.Context(), deed(clerk), counter.TransferRequest{Customer: h.no, Name: "李强",
			Papers:  vending.Papers{Kind: "id_card", Tail: "123X", Contract: "HT-2"},
			Payment: vending.Payment{Means: vending.BankOrder, Bank: "icbc", Reference: h.number()}}) // the drawer is empty
		if err != nil || out.PaidOut != 2 {
			t.Fatal(out, err)
		}
		h.holds(map[ledger.Class]int64{ledger.ClassMeter: 175_150, ledger.ClassPrepaid: 46_688, ledger.ClassAdvance: 0})
	}
	months.buys(50_000, 175_560, 3, 0)
	year.buys(50_000, 151_550, 0, 0)
	months.burns(200_000)
	year.burns(200_000)
	s.on("2026-10-01 10:00")
	months.earned(202609, 46_688+7_076, 8_257-4_402+584)
	year.earned(202609, 46_688+8_198, 8_257-4_402+677)
	s.trial(map[string]int64{"bank:main": -2 * (100_000 - 2 + 50_000), "advance:1001": 3,
		"prepaid:1001": 49_997 - 7_076, "prepaid:1002": 50_000 - 8_198, "vat:output": 8_257 + 584 + 8_257 + 677,
		"revenue:residential": 99_998 + 7_076 + 99_998 + 8_198 - 8_257 - 584 - 8_257 - 677})
}

// A replaced meter, with steps: 1,000.00 buy 375.15 m³ for 999.98. The old meter burns 75.15: 999.98 × 75.15 / 375.15 =
// 200.315 → 200.31, VAT 16.54. 300 m³ and 799.67 go to the new meter, with a new card. It burns 100 in March:
// 799.67 × 100 / 300 = 266.556 → 266.55, VAT 22.01. In April 500.00 are paid; what was bought for the old meter counts:
// 124.85 × 3.16 = 394.526; left 105.474 / 3.95 → 151.55 m³ for 500.00. 210 m³ are burnt: 200 that were carried, for
// 799.67 − 266.55 = 533.12, and 10 of the new: 500.00 × 10 / 151.55 = 32.992 → 32.99. VAT 66.03 − 22.01 + 2.72.
func TestWorkedMeterSwap(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2025-12-31 12:00")
	s.lists(stepList(t, "gas-steps", false))
	s.on("2026-03-05 10:00")
	h := s.home("gas-steps")
	h.buys(100_000, 375_150, 2, 0)
	h.burns(75_150)
	s.on("2026-03-10 10:00")
	h.reads()
	h.replaced(t, "20000000001001", 75_150, 300_000, 79_967)
	h.burns(100_000)
	s.on("2026-04-10 10:00")
	h.earned(202603, 20_031+26_655, 1_654+2_201)
	h.buys(50_000, 151_550, 0, 0)
	h.burns(210_000)
	s.on("2026-05-01 10:00")
	h.earned(202604, 53_312+3_299, 6_603-2_201+272)
	h.holds(map[ledger.Class]int64{ledger.ClassMeter: 300_000 + 151_550 - 310_000, ledger.ClassConsumed: 75_150 + 310_000, ledger.ClassCard: 0})
	s.trial(map[string]int64{"bank:main": -150_000, "advance:1001": 2, "prepaid:1001": 50_000 - 3_299,
		"vat:output": 1_654 + 6_603 + 272, "revenue:residential": 99_998 + 3_299 - 1_654 - 6_603 - 272})
}

// An estimate that overshot, at a meter that was replaced, whichever of the meters comes first in the order of numbers.
// 76.04 m³ are bought for 199.99; January burns 45, measured: 118.35. February is
// estimated to burn 45 × 28 × 1.3 / (31 × 1.4) = 37.74, so all the rest. On 5 March the register says 50,
// so 26.04 m³ are carried over, for 199.99 − 131.50 = 68.49, and burnt by the new meter. The old one gives back what the new
// one earns: March earns nothing, and prepaid is never short. The VAT of the two parts, 10.86 and 5.66, is a fen more than that of
// the whole, 16.51: each is rounded.
func TestWorkedSwapAfterEstimate(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-01-01 00:00")
	first, last := s.home("gas-residential"), s.home("gas-residential")
	for _, h := range s.homes {
		h.buys(20_000, 76_040, 1, 0)
		h.burns(45_000)
	}
	s.on("2026-02-01 10:00")
	s.silent = true
	s.on("2026-03-05 10:00")
	for _, h := range s.homes {
		h.earned(202601, 11_835, 977)
		h.earned(202602, 19_999-11_835, 1_651-977)
		h.burns(5_000)
		h.reads()
	}
	first.replaced(t, "90000000001001", 50_000, 26_040, 6_849)
	last.replaced(t, "00000000000001", 50_000, 26_040, 6_849)
	for _, h := range s.homes {
		h.burns(26_040)
		h.reads()
	}
	s.on("2026-04-01 10:00")
	first.earned(202603, 0, 1)
	last.earned(202603, 0, 1)
	s.trial(map[string]int64{"bank:main": -40_000, "advance:1001": 1, "advance:1002": 1, "vat:output": 2 * 1_652,
		"revenue:residential": 2 * (19_999 - 1_652)})
}

// replaced puts another meter on the wall, and gives the home a card for it.
func (h *home) replaced(t *testing.T, number string, register, carried, cost int64) {
	t.Helper()
	old := h.number()
	swap, done, err := h.street.ReplaceMeter(t.Context(), deed(clerk), counter.SwapRequest{Customer: h.no, Old: old, New: number, OldRegister: register})
	if err != nil || !done || swap.Carried != carried || swap.CarriedFen != cost {
		t.Fatalf("%+v, %t, %v", swap, done, err)
	}
	h.meter = h.street.meter(number, ledger.Litre)
	h.issued([8]byte([]byte("S" + number[7:])))
	h.street.must(h.toMeter(slotWith(h.household)))
}

// The price rises from 2.63 to 2.80 on 1 April and falls to 2.50 on 1 June. Each has bought 76.04 m³ for 199.99, change
// 0.01, and burnt 50 by the end of March: 199.99 × 50 / 76.04 = 131.503 → 131.50, VAT 10.86. 26.04 m³ are left.
//
//	keep:   April burns them: 199.99 − 131.50 = 68.49, VAT 16.51 − 10.86 = 5.65
//	trueup: 26.04 × 0.17 = 4.4268 → 4.42 are owed and lie over the lot: 68.49 + 4.42 = 72.91, VAT 5.65 + 0.36
//
// In April each pays 100.00 at 2.80: 35.714 → 35.71 m³ for 99.988 → 99.99, change 0.01. In June:
//
//	keep:   20 m³ burnt: 99.99 × 20 / 35.71 = 56.001 → 56.00, VAT 4.62
//	trueup: 35.71 × 0.30 = 10.713 → 10.71 come back to the advance, which pays the 4.42; 20 m³ burnt: 56.00 less
//	        10.71 × 20 / 35.71 = 5.998 → 6.00 (away from zero: prepaid is never short): 50.00, that is 20 × 2.50; VAT 4.62 − 0.50
func TestWorkedPriceChanges(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-03-01 10:00")
	for _, code := range []string{"gas-keep", "gas-trueup"} {
		s.lists(flatList(t, code, "2026-03-02", 263))
		s.lists(flatList(t, code, "2026-04-01", 280))
		s.lists(flatList(t, code, "2026-06-01", 250))
	}
	s.on("2026-03-05 10:00")
	keep, trueUp := s.home("gas-keep"), s.home("gas-trueup")
	both := []*home{keep, trueUp}
	for _, h := range both {
		h.buys(20_000, 76_040, 1, 0)
		h.burns(50_000)
	}
	s.on("2026-04-01 10:00")
	s.affects(t, "2026-04-01", 0, 442)
	for _, h := range both {
		h.earned(202603, 13_150, 1_086)
		h.burns(26_040)
		h.buys(10_000, 35_710, 1, 0)
	}
	s.on("2026-06-01 10:00")
	keep.earned(202604, 6_849, 565)
	trueUp.earned(202604, 6_849+442, 565+36)
	s.affects(t, "2026-06-01", 0, -1_071)
	trueUp.holds(map[ledger.Class]int64{ledger.ClassAdvance: 2 + 1_071, ledger.ClassDebt: -442, ledger.ClassPrepaid: 9_999 - 1_071})
	paid, owed, _, err := s.PayDebt(t.Context(), deed(clerk), counter.DebtPayment{Customer: trueUp.no, Payment: vending.Payment{Means: vending.FromAdvance}})
	if err != nil || paid != 442 || owed != 0 {
		t.Fatal(paid, owed, err)
	}
	keep.burns(20_000)
	trueUp.burns(20_000)
	s.on("2026-07-01 10:00")
	keep.earned(202606, 5_600, 462)
	trueUp.earned(202606, 5_000, 412)
	s.trial(map[string]int64{"bank:main": -60_000, "advance:1001": 2, "advance:1002": 2 + 1_071 - 442,
		"prepaid:1001": 9_999 - 5_600, "prepaid:1002": 9_999 - 1_071 - 5_000, "vat:output": 1_651 + 462 + 1_651 + 36 + 412,
		"revenue:residential": 19_999 + 5_600 + 19_999 + 442 + 5_000 - 1_651 - 462 - 1_651 - 36 - 412})
}

// affects applies the change of a day to both price lists.
func (s *street) affects(t *testing.T, from string, keep, trueUp int64) {
	t.Helper()
	if e := s.changes("gas-keep", from, vending.PolicyKeep); len(e) != 1 || e[0].Fen != keep {
		t.Errorf("keep: %+v", e)
	}
	if e := s.changes("gas-trueup", from, vending.PolicyTrueUp); len(e) != 1 || e[0].Fen != trueUp {
		t.Errorf("trueup: %+v", e)
	}
}

// Money back. 200.00 buy 76.04 m³ for 199.99 in March, 26.04 are burnt: 68.48 earned (199.99 × 26.04 / 76.04 = 68.487), VAT 5.65. In April:
//
//	100.00 buy 38.02 m³ for 100.00, and are taken back before the meter has them: 100.00 in cash
//	50.00 buy 19.01 m³ for 49.9963 → 50.00; the shift closes; the chief takes them back: 50.00 of advance
//	100.00 are paid, and the card refuses to be written: 100.00 of advance
//
// Then they move away: 50 m³ come back at 199.99 − 68.48 = 131.51, with 150.00 of advance and 0.01 of change: 281.52.
func TestWorkedRefund(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-03-05 10:00")
	h := s.home("gas-residential")
	h.buys(20_000, 76_040, 1, 0)
	h.burns(26_040)
	s.on("2026-04-10 10:00")
	h.earned(202603, 6_848, 565)
	h.bringsBack(t, 10_000, 38_020, clerk, counter.ReverseRequest{}, 10_000)
	h.holds(map[ledger.Class]int64{ledger.ClassAdvance: 1, ledger.ClassPrepaid: 13_151, ledger.ClassCard: 0, ledger.ClassMeter: 50_000})
	h.bringsBack(t, 5_000, 19_010, chief, counter.ReverseRequest{Payment: vending.Payment{Means: vending.FromAdvance}}, 0)
	slot := slotWith(h.household)
	slot.Inject(cardsim.Nth(3), cardsim.Short(2))
	if out, err := s.TopUp(t.Context(), s.terminal(slot), request(10_000)); err != nil || out.Purchase.State != vending.Voided {
		t.Fatal(out.Purchase.State, err)
	}
	h.holds(map[ledger.Class]int64{ledger.ClassAdvance: 15_001, ledger.ClassPrepaid: 13_151, ledger.ClassCard: 0})
	s.floats(t, 30_000)
	out, _, err := s.TakeStep(t.Context(), deed(clerk), counter.StepRequest{Customer: h.no, Payment: cash,
		Change: vending.Change{Step: vending.StepClose, Reason: "moved away", Seen: h.number(), SeenAgain: h.number(), Register: register(26_040)}})
	if err != nil || out.PaidOut != 28_152 || out.Refunded.N != 50_000 || out.CreditFen != 13_151 {
		t.Fatalf("%+v, %v", out, err)
	}
	s.homes = nil // its meter is dismantled
	s.on("2026-05-01 10:00")
	h.earned(202604, 0, 0)
	h.holds(map[ledger.Class]int64{ledger.ClassMeter: 0, ledger.ClassConsumed: 26_040, ledger.ClassCard: 0})
	s.trial(map[string]int64{"bank:main": -20_000 + 13_152, "vat:output": 565, "revenue:residential": 6_848 - 565})
}

// bringsBack buys with cash, and has it taken back; the chief does that when the shift has closed.
func (h *home) bringsBack(t *testing.T, fen, credit int64, by vending.Actor, req counter.ReverseRequest, refund int64) {
	t.Helper()
	p, err := h.tops(fen, vending.Cash)
	if err != nil || p.Quote.Credit.N != credit {
		t.Fatal(p.Quote, err)
	}
	act := deed(by)
	if by == chief {
		h.street.closes(0)
		h.street.opens()
		act.Why = "asked for 5.00"
	}
	req.Purchase = p.Slip()
	back, err := h.street.As(by).Reverse(t.Context(), h.terminal(), act, req)
	if err != nil || back.Purchase.State != vending.Loaded || back.RefundFen != refund {
		t.Fatalf("%+v, %v", back, err)
	}
}

// floats opens the next shift with change money from the bank.
func (s *street) floats(t *testing.T, fen int64) {
	t.Helper()
	s.closes(0)
	if _, err := s.MoveCash(t.Context(), deed(finance), counter.CashMove{From: "bank:main", To: "safe:main", AmountFen: fen}); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.OpenShift(t.Context(), deed(clerk), counter.ShiftOpening{Till: till, Safe: "main", FloatFen: fen})
	s.must(err)
	open, err := s.Store.ShiftAt(t.Context(), till)
	s.must(err)
	s.shift = open.Number()
}

// A late fee over 17 days (RULES B11). A repair of 316.00 (13 % VAT: 36.35) is due on 10 March; on the 27th it is 17 days overdue:
// 316.00 × 0.5 % × 17 = 26.86 (9 % VAT: 2.22), and since the 26th the supply stops. All of it, 342.86, is paid.
func TestWorkedLateFee(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-03-05 10:00")
	h := s.home("gas-residential")
	due, today := day(t, "2026-03-10"), day(t, "2026-03-27")
	c, _, err := s.Charge(t.Context(), deed(clerk), counter.ChargeRequest{Customer: h.no, Kind: vending.ChargeRepair, AmountFen: 31_600, Due: &due})
	s.must(err)
	s.on("2026-03-27 10:00")
	if n, err := s.LateFees(t.Context(), vending.System("late fees"), today, func(int64) {}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	h.holds(map[ledger.Class]int64{ledger.ClassDebt: -31_600 - 2_686})
	rules, err := s.Store.LifeRules(t.Context())
	s.must(err)
	if rules.Arrears.Stops(c, day(t, "2026-03-25")) || !rules.Arrears.Stops(c, day(t, "2026-03-26")) {
		t.Error("the supply stops on another day")
	}
	paid, owed, _, err := s.PayDebt(t.Context(), deed(clerk), counter.DebtPayment{Customer: h.no, Payment: cash})
	if err != nil || paid != 34_286 || owed != 0 {
		t.Fatal(paid, owed, err)
	}
	s.on("2026-04-01 10:00")
	s.trial(map[string]int64{"bank:main": -34_286, "revenue:repair": 31_600 - 3_635, "revenue:late_fee": 2_686 - 222, "vat:output": 3_635 + 222})
}

// A share of 30 % of each top-up pays the debt, until it is gone. 100.00 (6 % VAT: 5.66) are owed; 200.00 are paid three times, at 2.63:
//
//	60.00 pay debt; 140.00 buy 53.231 → 53.23 m³ for 139.9949 → 140.00
//	40.00 pay the rest; 160.00 buy 60.836 → 60.83 m³ for 159.9829 → 159.99, change 0.01
//	nothing is owed; 200.00 buy 76.04 m³ for 199.99, change 0.01
func TestWorkedDebtShare(t *testing.T) {
	t.Parallel()
	s := newStreet(t, "2026-03-05 10:00")
	s.world.by(t, `update life_rule set value = 3000 where name = 'debt_share_bp'`)
	h := s.home("gas-residential")
	_, _, err := s.Charge(t.Context(), deed(clerk), counter.ChargeRequest{Customer: h.no, Kind: vending.ChargeOther, AmountFen: 10_000})
	s.must(err)
	for _, w := range []struct{ credit, change, debt int64 }{{53_230, 0, 6_000}, {60_830, 1, 4_000}, {76_040, 1, 0}} {
		h.buys(20_000, w.credit, w.change, w.debt)
	}
	s.on("2026-04-01 10:00")
	h.earned(202603, 0, 0)
	h.holds(map[ledger.Class]int64{ledger.ClassDebt: 0, ledger.ClassMeter: 53_230 + 60_830 + 76_040})
	s.trial(map[string]int64{"bank:main": -60_000, "advance:1001": 2, "prepaid:1001": 14_000 + 15_999 + 19_999,
		"revenue:other": 10_000 - 566, "vat:output": 566})
}
