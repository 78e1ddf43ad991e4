package counter_test

import (
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

// lots are a meter's price lots as the month's close will see them.
func (h *lobby) lots(meter string) (lots []revenue.Lot) {
	h.t.Helper()
	err := h.Store.ForCustomer(h.t.Context(), liver, vending.Deed{Kind: "test", By: clerk}, func(tx *store.Tx) (err error) {
		lots, err = tx.Lots(h.t.Context(), meter)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return lots
}

func (h *lobby) earned(meter string, position int64) int64 {
	h.t.Helper()
	sum, err := revenue.Earned(h.lots(meter), position)
	if err != nil {
		h.t.Fatal(err)
	}
	return sum.Gross
}

// By hand (RULES A7): 76.040 m³ were bought for 199.99. The register began at 0 and ends at 26.040; of the cost
// floor(19999 × 26040 / 76040) = 6848 fen is earned, 13151 go to the new meter with 50 m³. It begins at register 7.5; a
// purchase follows at 126.040 cumulative; then it is replaced as well, at register 67.5: 60 m³ are burnt of 126.040.
func TestSwapByHand(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	h.bought(firstNo, 0, 10_000)
	swap, req := deed(clerk), counter.SwapRequest{Customer: liver, Old: firstNo, New: secondNo, OldRegister: 26_040, NewRegister: 7_500}
	for i := range 2 {
		s, done, err := h.ReplaceMeter(ctx, swap, req)
		if err != nil || done != (i == 0) || s.Carried != 50_000 || s.CarriedFen != 13151 || s.Position != 26_040 {
			t.Fatalf("%+v, %t, %v", s, done, err)
		}
	}
	h.wants(map[string]int64{"meter:" + firstNo: 0, "consumed:" + firstNo: 26_040, "meter:" + secondNo: 50_000, "prepaid:1001": firstCost})
	if got := h.earned(firstNo, 26_040); got != 6848 {
		t.Error("the old meter earned", got)
	}
	if got := h.earned(firstNo, 1<<40); got != 6848 {
		t.Error("the old meter goes on earning:", got)
	}
	if got := h.earned(secondNo, 50_000); got != 13151 {
		t.Error("the new meter will earn", got)
	}

	h.bought(secondNo, 50_000, 30_000)
	h.wants(map[string]int64{"meter:" + secondNo: 50_000 + firstBuy - 30_000})
	s, done, err := h.ReplaceMeter(ctx, deed(clerk), counter.SwapRequest{Customer: liver, Old: secondNo, New: thirdNo, OldRegister: 67_500})
	// 50 m³ for 131.51 are burnt, and 10 of 76.040 m³ for 199.99: floor(19999 × 10000 / 76040) = 2630.
	if err != nil || !done || s.Position != 60_000 || s.Carried != 50_000+firstBuy-60_000 || s.CarriedFen != 13151+firstCost-13151-2630 {
		t.Fatalf("%+v, %t, %v", s, done, err)
	}
	h.wants(map[string]int64{"meter:" + secondNo: 0, "meter:" + thirdNo: s.Carried, "prepaid:1001": 2 * firstCost})
	customer, meters, err := h.Store.Customer(ctx, liver)
	if err != nil || meters[0].No != thirdNo || customer.Status != vending.InService {
		t.Error(customer, meters, err)
	}
	if cards, err := h.Store.Cards(ctx, liver); err != nil || len(cards) != 2 || cards[0].State != vending.CardLost || cards[1].State != vending.CardLost {
		t.Error(cards, err)
	}
}

func TestSwapIsRefused(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	h.bought(firstNo, 0, 10_000)
	good := counter.SwapRequest{Customer: liver, Old: firstNo, New: secondNo, OldRegister: 26_040}
	for name, c := range map[string]struct {
		change func(*counter.SwapRequest)
		want   error
	}{
		"itself":           {func(r *counter.SwapRequest) { r.New = firstNo }, vending.ErrSameMeter},
		"not theirs":       {func(r *counter.SwapRequest) { r.Old = thirdNo }, vending.ErrNoMeter},
		"no meter number":  {func(r *counter.SwapRequest) { r.New = "12" }, vending.ErrNumberInvalid},
		"runs backwards":   {func(r *counter.SwapRequest) { r.OldRegister = 9_999 }, vending.ErrReadingBack},
		"burnt for free":   {func(r *counter.SwapRequest) { r.OldRegister = firstBuy + 1 }, vending.ErrMeterOverdrawn},
		"somebody else's":  {func(r *counter.SwapRequest) { r.New = "10000000000007" }, vending.ErrMeterTaken},
		"no such customer": {func(r *counter.SwapRequest) { r.Customer = 7 }, vending.ErrNoCustomer},
	} {
		h.by(`insert into meter_owner values ('10000000000007', 1002) on conflict do nothing`)
		req := good
		c.change(&req)
		if _, _, err := h.ReplaceMeter(ctx, deed(clerk), req); err == nil {
			t.Error(name, "is done")
		} else {
			h.refuses(err, c.want)
		}
	}
	h.clock("2026-03-25T00:00:00Z")
	_, _, err := h.ReplaceMeter(ctx, deed(clerk), good)
	h.refuses(err, vending.ErrSwapFrozen)
	h.clock("2026-03-31T15:59:00Z")
	_, _, err = h.ReplaceMeter(ctx, deed(clerk), good)
	h.refuses(err, vending.ErrSwapFrozen)
	h.wants(map[string]int64{"meter:" + firstNo: firstBuy - 10_000, "consumed:" + firstNo: 10_000})
	h.clock("2026-03-31T16:00:00Z")
	// A register that shows less than is booked is a finding: somebody else must have seen it.
	good.OldRegister, good.CardReturned = 9_999, false
	eyes := deed(clerk)
	eyes.Approved = chief
	s, done, err := h.ReplaceMeter(ctx, eyes, good)
	if err != nil || !done || s.Position != 10_000 || s.OldRegister != 9_999 {
		t.Fatal(s, done, err)
	}
	h.wants(map[string]int64{"meter:" + secondNo: firstBuy - 10_000})
}

// What the old meter never took is carried over when its card is in our hands.
func TestSwapCarriesTheCard(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	h.bought(firstNo, 0, -1)
	req := counter.SwapRequest{Customer: liver, Old: firstNo, New: secondNo}
	_, _, err := h.ReplaceMeter(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrCreditOnCard)
	req.CardReturned = true
	s, _, err := h.Rehearsal().ReplaceMeter(ctx, deed(clerk), req)
	if err != nil || s.Carried != firstBuy || s.CarriedFen != firstCost {
		t.Fatal(s, err)
	}
	h.wants(map[string]int64{"card:8100000001": firstBuy})
	if s, done, err := h.ReplaceMeter(ctx, deed(clerk), req); err != nil || !done || s.Carried != firstBuy || s.CarriedFen != firstCost {
		t.Fatal(s, done, err)
	}
	h.wants(map[string]int64{"card:8100000001": 0, "meter:" + secondNo: firstBuy})
	if lots := h.lots(secondNo); fmt.Sprint(lots) != fmt.Sprint([]revenue.Lot{{From: 0, To: firstBuy, Cost: firstCost, VATbp: 900}}) {
		t.Error(lots)
	}
}

// By hand (RULES A8): 199.99 bought 76.040 m³, 26.040 are burnt: 131.51 come back, with 0.01 of change and a deposit of 300.00.
func TestCloseByHand(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	h.bought(firstNo, 0, 10_000)
	if _, _, err := h.TakeDeposit(ctx, deed(clerk), counter.DepositMove{Customer: liver, AmountFen: 30_000, Payment: cash}); err != nil {
		t.Fatal(err)
	}
	req := counter.StepRequest{Customer: liver, Payment: cash, Change: vending.Change{Step: vending.StepClose, Reason: "moved away",
		Seen: firstNo, SeenAgain: secondNo, Register: register(26_040)}}
	_, _, err := h.TakeStep(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrMeterMismatch)
	req.Change.SeenAgain = firstNo
	due := day(t, "2026-04-01")
	if _, _, err := h.Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeCard, Due: &due}); err != nil {
		t.Fatal(err)
	}
	_, _, err = h.TakeStep(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrDues)
	if _, _, _, err := h.PayDebt(ctx, deed(clerk), counter.DebtPayment{Customer: liver, Payment: cash}); err != nil {
		t.Fatal(err)
	}
	h.by(`update life_rule set value = 43151 where name = 'refund_eyes_fen'`)
	_, _, err = h.TakeStep(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrFourEyes)
	h.by(`update life_rule set value = 43152 where name = 'refund_eyes_fen'`)
	closing := deed(clerk)
	out, done, err := h.TakeStep(ctx, closing, req)
	want := counter.StepDone{Status: vending.Closed, PaidOut: 13151 + 1 + 30_000, Refunded: ledger.Amount{N: 50_000, Commodity: ledger.Litre}, CreditFen: 13151}
	if err != nil || !done || out != want {
		t.Fatalf("%+v, %t, %v", out, done, err)
	}
	if out, done, err := h.TakeStep(ctx, closing, req); err != nil || done || out.Status != vending.Closed {
		t.Fatalf("%+v, %t, %v", out, done, err)
	}
	h.wants(map[string]int64{"meter:" + firstNo: 0, "prepaid:1001": 6848, "advance:1001": 0, "deposit:1001": 0, "debt:1001": 0})
	if got := h.earned(firstNo, 1<<40); got != 6848 {
		t.Error("earned", got)
	}
	_, _, err = h.TakeStep(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrStep)
	steps, err := h.Store.Steps(ctx, liver)
	if err != nil || len(steps) != 1 || steps[0].Who != "clerk" || *steps[0].Register != 26_040 || steps[0].Reason != "moved away" {
		t.Errorf("%+v, %v", steps, err)
	}
}

// RULES A6: dues, mandate, papers; the old party's money is paid out, the credit stays.
func TestTransferOfPremises(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	h.bought(firstNo, 0, 10_000)
	req := counter.TransferRequest{Customer: liver, Name: "李强", Payment: cash}
	_, _, err := h.TransferPremises(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrPapers)
	req.Papers = vending.Papers{Kind: "id_card", Tail: "123X", Contract: "HT-2"}
	h.by(`update customer set mandate = 'W-1'`)
	_, _, err = h.TransferPremises(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrMandate)
	h.by(`update customer set mandate = ''`)
	transfer := deed(clerk)
	for i := range 2 {
		out, done, err := h.TransferPremises(ctx, transfer, req)
		if err != nil || done != (i == 0) || done && (out.PaidOut != 1 || out.Before != "王芳") {
			t.Fatal(out, done, err)
		}
	}
	h.wants(map[string]int64{"meter:" + firstNo: firstBuy - 10_000, "advance:1001": 0, "prepaid:1001": firstCost})
	c, _, err := h.Store.Customer(ctx, liver)
	if err != nil || c.Name != "李强" {
		t.Error(c, err)
	}
	_, _, err = h.TransferPremises(ctx, deed(clerk), req)
	h.refuses(err, vending.ErrPapers) // the contract must be a new one
}
