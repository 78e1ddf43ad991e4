package counter_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
)

// By hand (RULES B2, B11): an inspection of 25.00 is paid at once. A repair of 316.00 is due on 11 March. On the 21st it is
// 10 days overdue: 15.80 late fee. 116.00 are paid; to the 31st 200.00 bear 10.00 more. All that is owed then is 225.80.
func TestChargesByHand(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	_, done, err := h.Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeInspection, Payment: &cash})
	if err != nil || !done {
		t.Fatal(done, err)
	}
	due := day(t, "2026-03-11")
	raise, req := deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeRepair, AmountFen: 31600, Due: &due}
	for i := range 3 {
		if _, done, err := h.Charge(ctx, raise, req); err != nil || done != (i == 0) {
			t.Fatal(i, done, err)
		}
	}
	req.AmountFen++
	_, _, err = h.Charge(ctx, raise, req)
	h.refuses(err, vending.ErrDeedReused)
	h.wants(map[string]int64{"debt:1001": -31600})

	h.clock("2026-03-21T04:00:00Z")
	for range 2 { // a day is charged once
		if n, err := h.LateFees(ctx, vending.System("late fees"), day(t, "2026-03-21"), func(int64) {}); err != nil || n != 1 {
			t.Fatal(n, err)
		}
	}
	h.wants(map[string]int64{"debt:1001": -31600 - 1580})
	paid, owed, done, err := h.PayDebt(ctx, deed(clerk), counter.DebtPayment{Customer: liver, AmountFen: 11600, Payment: cash})
	if err != nil || !done || paid != 11600 || owed != 31600+1580-11600 {
		t.Fatal(paid, owed, done, err)
	}
	h.clock("2026-03-31T04:00:00Z")
	rules, err := h.Store.LifeRules(ctx)
	if err != nil {
		t.Fatal(err)
	}
	open, err := h.Store.Charges(ctx, liver, rules, day(t, "2026-03-31"), true)
	if err != nil || len(open) != 1 || open[0].Owed() != 20000 || open[0].FeeOwed() != 2580 || !rules.Arrears.Stops(open[0], day(t, "2026-03-31")) {
		t.Fatalf("%+v, %v", open, err)
	}
	_, _, _, err = h.PayDebt(ctx, deed(clerk), counter.DebtPayment{Customer: liver, AmountFen: 22581, Payment: cash})
	h.refuses(err, vending.ErrOverpaid)
	if paid, owed, done, err = h.PayDebt(ctx, deed(clerk), counter.DebtPayment{Customer: liver, Payment: cash}); err != nil || paid != 22580 || owed != 0 || !done {
		t.Fatal(paid, owed, done, err)
	}
	// Net and tax: 25.00 at 6 % holds 1.42, 316.00 at 13 % 36.35, the fee of 25.80 at 9 % 2.13.
	h.wants(map[string]int64{"debt:1001": 0})
	h.totals(map[string]int64{"revenue:inspection": 2358, "revenue:repair": 31600 - 3635, "revenue:late_fee": 2580 - 213,
		"vat:output": 142 + 3635 + 213, "till:1-1": -2500 - 31600 - 2580})
	if open, err := h.Store.Charges(ctx, liver, rules, day(t, "2026-04-30"), false); err != nil || len(open) != 1 || open[0].FeeOwed() != 0 || open[0].Owed() != 0 {
		t.Fatalf("%+v, %v", open, err)
	}
	_, err = h.Store.Charge(ctx, liver, uuid.New())
	h.refuses(err, vending.ErrNoCharge)
}

func (h *lobby) totals(want map[string]int64) {
	h.t.Helper()
	for account, n := range want {
		var is int64
		err := h.sql.QueryRow(h.t.Context(), `select coalesce(sum(case when credit = $1 then amount else -amount end), 0)
			from ledger_transfer where $1 in (debit, credit) and kind in ('single', 'post')`, account).Scan(&is)
		if err != nil || is != n {
			h.t.Errorf("%s: %d, %v, want %d", account, is, err, n)
		}
	}
}

// A share of a top-up that pays debt is allotted on the day it was posted, whoever looks later.
func TestDebtIsPaidByATopUp(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	due := day(t, "2026-03-01")
	if _, _, err := h.Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeRepair, AmountFen: 10000, Due: &due}); err != nil {
		t.Fatal(err)
	}
	h.bought(firstNo, 0, 0)
	pay := deed(clerk)
	if _, _, _, err := h.PayDebt(ctx, pay, counter.DebtPayment{Customer: liver, AmountFen: 1, Payment: vending.Payment{Means: vending.FromAdvance}}); err != nil {
		t.Fatal(err)
	}
	h.wants(map[string]int64{"advance:1001": 0, "debt:1001": -10000 - 450 + 1})
	// The 1 fen counts from the 10th on: 20 more days bear 0.5 % of 99.99 each.
	rules, err := h.Store.LifeRules(ctx)
	if err != nil {
		t.Fatal(err)
	}
	open, err := h.Store.Charges(ctx, liver, rules, day(t, "2026-03-30"), true)
	if err != nil || len(open) != 1 || open[0].Fee != 450+1000 || open[0].Owed() != 9999 {
		t.Errorf("%+v, %v", open, err)
	}
}

func TestDeposit(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	take := counter.DepositMove{Customer: liver, AmountFen: 60000, Payment: cash}
	if held, done, err := h.TakeDeposit(ctx, deed(clerk), take); err != nil || !done || held != 60000 {
		t.Fatal(held, done, err)
	}
	_, _, err := h.ReturnDeposit(ctx, deed(clerk), take)
	h.refuses(err, vending.ErrFourEyes)
	self := deed(clerk)
	self.Approved = clerk
	_, _, err = h.ReturnDeposit(ctx, self, take)
	h.refuses(err, vending.ErrFourEyes)
	both := deed(clerk)
	both.Approved = chief
	take.AmountFen = 60001
	_, _, err = h.ReturnDeposit(ctx, both, take)
	h.refuses(err, vending.ErrDepositShort)
	take.AmountFen = 50000 // the limit itself needs no second person
	if held, done, err := h.ReturnDeposit(ctx, deed(clerk), take); err != nil || !done || held != 10000 {
		t.Fatal(held, done, err)
	}
	h.wants(map[string]int64{"deposit:1001": 10000})
	h.totals(map[string]int64{"till:1-1": -10000})
}

// Money goes to the open shift of who acts, and nowhere else.
func TestNoShiftNoMoney(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	other := deed(clerk)
	other.By = chief
	_, _, err := h.Charge(ctx, other, counter.ChargeRequest{Customer: liver, Kind: vending.ChargeCard, Payment: &cash})
	h.refuses(err, vending.ErrNoShiftOfYours)
	h.by(`update shift set state = 'closing'`)
	_, _, err = h.TakeDeposit(ctx, deed(clerk), counter.DepositMove{Customer: liver, AmountFen: 1, Payment: cash})
	h.refuses(err, vending.ErrNoShiftOfYours)
	finance := deed(clerk)
	finance.By = vending.Actor{Staff: "finance", Role: vending.RoleFinance}
	_, _, err = h.Charge(ctx, finance, counter.ChargeRequest{Customer: liver, Kind: vending.ChargeCard})
	h.refuses(err, vending.ErrNotPermitted)
	_, _, err = h.Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeRepair})
	h.refuses(err, vending.ErrChargePrice)
	_, _, err = h.Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: 7, Kind: vending.ChargeCard})
	h.refuses(err, vending.ErrNoCustomer)
	h.totals(map[string]int64{"till:1-1": 0})
}

// A rehearsal says what would happen, refusals too, and nothing stays.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	c, done, err := h.Rehearsal().Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeCard, Payment: &cash})
	if err != nil || done || c.Amount != 2000 {
		t.Fatal(c, done, err)
	}
	_, _, _, err = h.Rehearsal().PayDebt(ctx, deed(clerk), counter.DebtPayment{Customer: liver, AmountFen: 1, Payment: cash})
	h.refuses(err, vending.ErrOverpaid)
	h.totals(map[string]int64{"till:1-1": 0, "revenue:card_cost": 0})
	if b, err := h.Store.Balances(ctx, liver); err != nil || len(b) != 0 {
		t.Error(b, err)
	}
}

func day(t testing.TB, s string) vending.Date {
	t.Helper()
	d, err := vending.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Charges that somebody changed past the store do not agree with the books.
func TestChargesAreHeldAgainstTheBooks(t *testing.T) {
	t.Parallel()
	h := newLobby(t)
	ctx := t.Context()
	for range 2 {
		if _, _, err := h.Charge(ctx, deed(clerk), counter.ChargeRequest{Customer: liver, Kind: vending.ChargeCard}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, _, err := h.PayDebt(ctx, deed(clerk), counter.DebtPayment{Customer: liver, AmountFen: 3000, Payment: cash}); err != nil {
		t.Fatal(err)
	}
	h.wants(map[string]int64{"debt:1001": -1000})
	for _, tampered := range []string{`amount_fen = amount_fen + 1`, `fee_fen = fee_fen + 1`, `paid_fen = amount_fen`} {
		h.by(`create table before as select * from charge`)
		h.by(`update charge set ` + tampered)
		found, err := h.Store.CheckBooks(ctx)
		if err != nil || len(found) != 1 || found[0].Invariant != "what is earned on account is charged" {
			t.Errorf("%s: %v, %v", tampered, found, err)
		}
		h.by(`delete from charge`)
		h.by(`insert into charge select * from before`)
		h.by(`drop table before`)
	}
	h.wants(map[string]int64{"debt:1001": -1000})
}
