package vending_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

// The worked example of RULES B11: 316.00 due on 1 March. On the 11th it is 10
// days overdue, 5 % or 15.80; 116.00 are paid then; to the 21st 10 more days on
// 200.00 are 10.00; a single day on 0.99 is 0.495 fen.
func TestLateFeeByHand(t *testing.T) {
	t.Parallel()
	rules := vending.DefaultArrears()
	c := vending.Charge{Amount: 31600, Due: day(t, "2026-03-01"), Kind: vending.ChargeRepair}
	for _, step := range []struct {
		on        string
		fee, paid int64
	}{
		{"2026-02-20", 0, 0}, {"2026-03-01", 0, 0}, {"2026-03-02", 158, 0}, {"2026-03-11", 1580, 11600},
		{"2026-03-12", 1680, 0}, {"2026-03-21", 2580, 20000}, {"2026-04-21", 2580, 0},
	} {
		c = rules.Accrue(c, day(t, step.on))
		if c.Fee != step.fee {
			t.Errorf("%s: fee %d, want %d", step.on, c.Fee, step.fee)
		}
		c.Paid += step.paid
	}
	// Half a fen: 0.99 × 0.5 % is 0.495 fen, 1.00 × 0.5 % is 0.5 fen and rounded up; three days of 0.99 are 1.485 fen.
	for amount, want := range map[int64][3]int64{99: {0, 1, 1}, 100: {1, 1, 2}} {
		for days, fee := range want {
			c := vending.Charge{Amount: amount}
			if got := rules.Accrue(c, vending.Date(days+1)).Fee; got != fee {
				t.Errorf("%d fen for %d days: %d, want %d", amount, days+1, got, fee)
			}
		}
	}
	// At most the principal: reached after 200 days.
	for days, want := range map[vending.Date]int64{199: 9950, 200: 10000, 201: 10000, math.MaxInt32: 10000} {
		if got := rules.Accrue(vending.Charge{Amount: 10000}, days).Fee; got != want {
			t.Errorf("after %d days %d, want %d", days, got, want)
		}
	}
	// A late fee bears none.
	if got := rules.Accrue(vending.Charge{Amount: 10000, Kind: vending.ChargeLateFee}, 100); got.Fee != 0 {
		t.Error(got)
	}
}

// A fee is the same whether it is asked every day or once, never shrinks, never
// exceeds its cap, and is within half a fen of the exact sum.
func TestLateFeeDoesNotDependOnWhenItIsAsked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rules := vending.Arrears{LateBp: rapid.Int64Range(0, 500).Draw(t, "rate"), CapBp: rapid.Int64Range(0, 30_000).Draw(t, "cap")}
		often := vending.Charge{Kind: vending.ChargeOther, Amount: rapid.Int64Range(1, 1<<36).Draw(t, "amount"), Due: 100}
		once := often
		var exact int64 // fen × basis points
		for d := vending.Date(90); d < 130; d++ {
			asked := rapid.IntRange(0, 2).Draw(t, "asked")
			for range asked {
				before := often
				often = rules.Accrue(often, d)
				if again := rules.Accrue(often, d); again != often || often.Fee < before.Fee {
					t.Fatalf("again %+v, after %+v", again, often)
				}
			}
			if d > often.Due {
				exact = min(exact+often.Owed()*rules.LateBp, often.Amount*rules.CapBp)
			}
			if rapid.Bool().Draw(t, "pays") {
				part := rapid.Int64Range(0, often.Owed()).Draw(t, "part")
				often, once = rules.Accrue(often, d), rules.Accrue(once, d)
				often.Paid, once.Paid = often.Paid+part, once.Paid+part
			}
		}
		often, once = rules.Accrue(often, 129), rules.Accrue(once, 129)
		if often != once {
			t.Fatalf("often %+v\nonce  %+v", often, once)
		}
		if diff := once.Fee*10_000 - exact; diff > 5_000 || diff <= -5_000 {
			t.Fatalf("fee %d, exactly %d/10000", once.Fee, exact)
		}
	})
}

// What is over 15 days overdue stops the supply (RULES B11).
func TestWhatStopsTheSupply(t *testing.T) {
	t.Parallel()
	rules := vending.DefaultArrears()
	c := vending.Charge{Amount: 100, Due: day(t, "2026-03-01")}
	for on, want := range map[string]bool{"2026-02-01": false, "2026-03-16": false, "2026-03-17": true} {
		if got := rules.Stops(c, day(t, on)); got != want {
			t.Errorf("%s: %t", on, got)
		}
	}
	c.Paid = 100
	if rules.Stops(c, day(t, "2027-01-01")) {
		t.Error("what is paid stops the supply")
	}
	c.Fee = 1
	if !rules.Stops(c, day(t, "2027-01-01")) {
		t.Error("an unpaid late fee does not stop the supply")
	}
}

func TestAllotByHand(t *testing.T) {
	t.Parallel()
	first, second := uuid.New(), uuid.New()
	list := []vending.Charge{
		{ID: second, Due: 20, Amount: 500, Fee: 7},
		{ID: first, Due: 10, Amount: 300, Paid: 100, Fee: 30, FeePaid: 10},
	}
	for _, c := range []struct {
		feeFirst bool
		fen      int64
		want     []vending.Share
		left     int64
	}{
		{false, 210, []vending.Share{{Charge: first, Principal: 200, Fee: 10}}, 0},
		{true, 210, []vending.Share{{Charge: first, Principal: 190, Fee: 20}}, 0},
		{false, 300, []vending.Share{{Charge: first, Principal: 200, Fee: 20}, {Charge: second, Principal: 80}}, 0},
		{true, 300, []vending.Share{{Charge: first, Principal: 200, Fee: 20}, {Charge: second, Principal: 73, Fee: 7}}, 0},
		{false, 1000, []vending.Share{{Charge: first, Principal: 200, Fee: 20}, {Charge: second, Principal: 500, Fee: 7}}, 273},
		{false, 0, nil, 0},
	} {
		shares, left := vending.Arrears{FeeFirst: c.feeFirst}.Allot(list, c.fen)
		if !slices.Equal(shares, c.want) || left != c.left {
			t.Errorf("%d, fee first %t: %v and %d left, want %v and %d", c.fen, c.feeFirst, shares, left, c.want, c.left)
		}
	}
}

// A payment is shared out to the fen, nobody pays more than is owed, and nothing
// younger is paid while something older is open.
func TestAllotLosesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []vending.Charge
		for range rapid.IntRange(0, 6).Draw(t, "charges") {
			c := vending.Charge{ID: uuid.New(), Due: vending.Date(rapid.IntRange(0, 3).Draw(t, "due")),
				Amount: rapid.Int64Range(1, 1000).Draw(t, "amount"), Fee: rapid.Int64Range(0, 100).Draw(t, "fee")}
			c.Paid = rapid.Int64Range(0, c.Amount).Draw(t, "paid")
			c.FeePaid = rapid.Int64Range(0, c.Fee).Draw(t, "fee paid")
			list = append(list, c)
		}
		fen := rapid.Int64Range(0, 5000).Draw(t, "fen")
		shares, left := vending.Arrears{FeeFirst: rapid.Bool().Draw(t, "first")}.Allot(list, fen)
		sum := left
		for _, s := range shares {
			at := slices.IndexFunc(list, func(c vending.Charge) bool { return c.ID == s.Charge })
			list[at].Paid += s.Principal
			list[at].FeePaid += s.Fee
			sum += s.Principal + s.Fee
			if list[at].Owed() < 0 || list[at].FeeOwed() < 0 {
				t.Fatalf("overpaid: %+v", list[at])
			}
		}
		var owes int64
		for _, c := range list {
			owes += c.Owed() + c.FeeOwed()
		}
		if sum != fen || left > 0 && owes > 0 {
			t.Fatalf("%d of %d, %d left, %d owed", sum, fen, left, owes)
		}
		for _, c := range list {
			for _, older := range list {
				paid := slices.ContainsFunc(shares, func(s vending.Share) bool { return s.Charge == c.ID })
				if older.Due < c.Due && paid && older.Owed()+older.FeeOwed() > 0 {
					t.Fatalf("%+v is paid before %+v", c, older)
				}
			}
		}
	})
}

// By hand: 30 % of 200.00 is 60.00; of 0.99 it is 29.7 fen, so 29; of 200.00 with 150.00 always for credit, 50.00.
func TestDebtShare(t *testing.T) {
	t.Parallel()
	third := vending.DebtShare{Bp: 3000}
	for _, c := range []struct {
		share             vending.DebtShare
		money, owed, want int64
	}{
		{third, 20000, 100000, 6000}, {third, 99, 1000, 29}, {third, 20000, 500, 500}, {third, 20000, 0, 0},
		{vending.DebtShare{Bp: 3000, MinLeft: 15000}, 20000, 100000, 5000}, {vending.DebtShare{Bp: 3000, MinLeft: 30000}, 20000, 100000, 0},
		{vending.DebtShare{Bp: 10_000}, 20000, 100000, 20000}, {vending.DebtShare{}, 20000, 100000, 0},
		{vending.DebtShare{Bp: 10_000}, math.MaxInt64, math.MaxInt64, math.MaxInt64}, {third, -5, 100, 0}, {third, 100, -5, 0},
	} {
		if got := c.share.Of(c.money, c.owed); got != c.want {
			t.Errorf("%+v of %d, %d owed: %d, want %d", c.share, c.money, c.owed, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := vending.DebtShare{Bp: rapid.Int64().Draw(t, "bp"), MinLeft: rapid.Int64().Draw(t, "left")}
		money, owed := rapid.Int64().Draw(t, "money"), rapid.Int64().Draw(t, "owed")
		got := s.Of(money, owed)
		if got < 0 || got > 0 && (got > owed || got > money || s.MinLeft > 0 && money-got < s.MinLeft) {
			t.Fatal(got)
		}
	})
}
