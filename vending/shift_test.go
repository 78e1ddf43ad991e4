package vending

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/ledger"
)

var (
	cashier    = Actor{Staff: "clerk", Role: RoleCashier}
	supervisor = Actor{Staff: "chief", Role: RoleSupervisor}
	shiftEnd   = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
)

func closing(reason string) (Shift, Closing) {
	return Shift{Till: "1", No: 17, Cashier: "clerk", State: ShiftClosing},
		Closing{Count: Count{10000: 2}, BankFen: 15000, Bank: "main", Safe: "main", Reason: reason}
}

func TestShiftIsClosedOnce(t *testing.T) {
	t.Parallel()
	s, c := closing("")
	held := map[Means]int64{Cash: 20000}
	for state, want := range map[ShiftState]error{ShiftOpen: ErrShiftClosed, ShiftClosed: ErrShiftClosed, ShiftClosing: nil} {
		s.State = state
		after, err := s.Close(Deed{By: cashier}, c, held, DefaultShiftRules(), shiftEnd)
		if !errors.Is(err, want) || err == nil && after.State != ShiftClosed {
			t.Errorf("%s: %v %s", state, err, after.State)
		}
	}
}

// A difference is never hidden: it wants a reason, and above the limit approval of another (RULES B7).
func TestDifferenceIsExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		held     int64
		reason   string
		approved Actor
		want     error
	}{
		{"none", 20000, "", Actor{}, nil},
		{"over without a reason", 19999, " ", Actor{}, ErrDifferenceWhy},
		{"short without a reason", 20001, "", Actor{}, ErrDifferenceWhy},
		{"over at the limit", 15000, "miscounted change", Actor{}, nil},
		{"short at the limit", 25000, "miscounted change", Actor{}, nil},
		{"over above the limit", 14999, "miscounted change", Actor{}, ErrFourEyes},
		{"short above the limit", 25001, "miscounted change", Actor{}, ErrFourEyes},
		{"approved by a cashier", 25001, "miscounted change", Actor{Staff: "other", Role: RoleCashier}, ErrFourEyes},
		{"approved", 25001, "miscounted change", supervisor, nil},
		{"beyond 64 bits", -1 << 63, "x", supervisor, ledger.ErrOverflow},
	} {
		s, handed := closing(c.reason)
		after, err := s.Close(Deed{By: cashier, Approved: c.approved}, handed, map[Means]int64{Cash: c.held}, DefaultShiftRules(), shiftEnd)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil && (after.Difference() != 20000-c.held || after.Approved != c.approved.Staff) {
			t.Errorf("%s: %+v", c.name, after)
		}
	}
	s, c := closing("")
	c.BankFen = 20001
	if _, err := s.Close(Deed{}, c, map[Means]int64{Cash: 20000}, DefaultShiftRules(), shiftEnd); !errors.Is(err, ErrDepositMore) {
		t.Error(err)
	}
	c.BankFen, c.Bank = 0, "行"
	if _, err := s.Close(Deed{}, c, map[Means]int64{Cash: 20000}, DefaultShiftRules(), shiftEnd); !errors.Is(err, ErrPlaceInvalid) {
		t.Error(err)
	}
}

// Whatever a shift held and whatever was counted, every account of the shift ends at zero, and bank and safe hold what
// was counted and what came by other means.
func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	rules := DefaultShiftRules()
	rapid.Check(t, func(t *rapid.T) {
		s, c := closing("a reason")
		held := map[Means]int64{}
		for _, m := range AllMeans {
			held[m] = rapid.Int64Range(-1_000_000, 1_000_000_000).Draw(t, string(m))
		}
		c.Count = Count{1: rapid.Int64Range(0, 1_000_000_000).Draw(t, "counted")}
		c.BankFen = rapid.Int64Range(0, c.Count[1]).Draw(t, "deposited")
		deed := Deed{ID: uuid.New(), By: cashier, Approved: supervisor}
		after, err := s.Close(deed, c, held, rules, shiftEnd)
		if err != nil {
			t.Fatal(err)
		}
		books := map[ledger.Account]int64{}
		for _, m := range AllMeans {
			books[m.Account("1-17")] = held[m]
		}
		ids := map[uuid.UUID]bool{}
		for _, tr := range after.CloseTransfers(deed.ID, held, rules) {
			if tr.Amount.N <= 0 || tr.Debit == tr.Credit || ids[tr.ID] || tr.Cause != deed.ID || !tr.At.Equal(shiftEnd) {
				t.Fatalf("%+v", tr)
			}
			ids[tr.ID] = true
			books[tr.Debit] += tr.Amount.N
			books[tr.Credit] -= tr.Amount.N
		}
		for _, m := range AllMeans {
			if n := books[m.Account("1-17")]; n != 0 {
				t.Fatalf("%s: %d", m, n)
			}
		}
		if books[ledger.Safe("main")] != c.Count[1]-c.BankFen || books[ledger.Difference("1")] != held[Cash]-c.Count[1] {
			t.Fatalf("%v", books)
		}
		wantMain := c.BankFen + held[Cheque] + held[BankOrder] + held[DepositSlip]
		if books[ledger.Bank("main")] != wantMain || books[ledger.Bank("card")] != held[BankCard] || books[ledger.Bank("mobile")] != held[Mobile] {
			t.Fatalf("%v", books)
		}
	})
}

func TestShiftNumber(t *testing.T) {
	t.Parallel()
	s := Shift{Till: "A7", No: 120}
	if till, no, err := ParseShift(s.Number()); err != nil || till != "A7" || no != 120 || s.Number() != "A7-120" {
		t.Error(till, no, err)
	}
	for _, bad := range []string{"", "1", "1-", "-1", "1-0", "1--1", "1-x", "1-1-1", "1/cash-1", "1-99999999999999999999"} {
		if till, no, err := ParseShift(bad); !errors.Is(err, ErrNoShift) {
			t.Errorf("%q: %s %d %v", bad, till, no, err)
		}
	}
	for till, want := range map[string]error{"1": nil, "A7": nil, "": ErrTillInvalid, "1-2": ErrTillInvalid, "柜": ErrTillInvalid,
		"12345678901234567": ErrTillInvalid, "a/b": ErrTillInvalid} {
		if err := ValidTill(till); !errors.Is(err, want) {
			t.Errorf("%q: %v", till, err)
		}
	}
}

// A slip or a reference is used up once, however it is typed, and comes with the means that have one (RULES B4).
func TestPaymentIsValid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p          Payment
		commercial bool
		want       error
	}{
		{Payment{Means: Cash}, false, nil},
		{Payment{Means: FromAdvance}, false, nil},
		{Payment{Means: Cash, Bank: "icbc", Reference: "1"}, false, ErrReferenceSyntax},
		{Payment{Means: Mobile}, false, ErrNoReference},
		{Payment{Means: Mobile, Bank: "wechat", Reference: "4200001"}, false, nil},
		{Payment{Means: BankCard}, false, nil},
		{Payment{Means: BankCard, Reference: "1"}, false, ErrNoReference},
		{Payment{Means: Cheque, Bank: "icbc"}, false, ErrNoReference},
		{Payment{Means: DepositSlip, Bank: "icbc", Reference: "AB-12"}, false, ErrNotCommercial},
		{Payment{Means: DepositSlip, Bank: "icbc", Reference: "AB-12"}, true, nil},
		{Payment{Means: DepositSlip, Bank: "icbc", Reference: "ＡＢ12"}, true, ErrReferenceSyntax},
		{Payment{Means: DepositSlip, Bank: "icbc", Reference: "AB 12"}, true, ErrReferenceSyntax},
		{Payment{Means: "bitcoin"}, true, ErrMeansUnknown},
		{Payment{}, true, ErrMeansUnknown},
	} {
		if err := c.p.Valid(c.commercial); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.p, err, c.want)
		}
	}
	bank, reference, once := Payment{Means: DepositSlip, Bank: "icbc", Reference: "ab-12"}.Once()
	if bank != "ICBC" || reference != "AB-12" || !once {
		t.Error(bank, reference, once)
	}
	if _, _, once := (Payment{Means: Cash}).Once(); once {
		t.Error("cash is used up")
	}
	seen := map[ledger.Account]bool{}
	for _, m := range AllMeans {
		seen[m.Account("1-17")] = true
	}
	if len(seen) != len(AllMeans) || Cash.Account("1-17") != ledger.Till("1-17") {
		t.Error(seen)
	}
}

func TestHandoverIsSignedByBoth(t *testing.T) {
	t.Parallel()
	s, _ := closing("")
	next := Actor{Staff: "next", Role: RoleCashier}
	open := []Matter{{Kind: "purchase"}}
	for name, c := range map[string]struct {
		by, to Actor
		seen   int
		want   error
	}{
		"both":               {cashier, next, 1, nil},
		"by another":         {next, supervisor, 1, ErrNotYourShift},
		"to oneself":         {cashier, cashier, 1, ErrHandoverSelf},
		"to nobody":          {cashier, Actor{}, 1, ErrHandoverSelf},
		"another list":       {cashier, next, 0, ErrHandoverSeen},
		"to one who may not": {cashier, Actor{Staff: "finance", Role: RoleFinance}, 1, ErrNotPermitted},
	} {
		h, err := NewHandover(s, Deed{By: c.by, Approved: c.to}, c.seen, open, shiftEnd)
		if !errors.Is(err, c.want) || err == nil && (h.From != "clerk" || h.To != "next" || len(h.Matters) != 1) {
			t.Errorf("%s: %v %+v", name, err, h)
		}
	}
}
