package vending

import (
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// ShiftState is where a shift stands (RULES B7).
type ShiftState string

// A shift sells while it is open. While it is closing nothing more is sold and
// the drawer is counted.
const (
	ShiftOpen    ShiftState = "open"
	ShiftClosing ShiftState = "closing"
	ShiftClosed  ShiftState = "closed"
)

// ShiftEvent is what happens to a shift.
type ShiftEvent string

// The events of a shift.
const (
	CountBegins ShiftEvent = "count begins"
	CashCounted ShiftEvent = "cash counted"
)

// shiftMoves is the whole life of a shift. What is not here cannot happen.
var shiftMoves = map[ShiftState]map[ShiftEvent]ShiftState{
	ShiftOpen:    {CountBegins: ShiftClosing},
	ShiftClosing: {CountBegins: ShiftClosing, CashCounted: ShiftClosed},
}

// What goes wrong with shifts.
var (
	ErrNoShift       = &Error{Kind: NotFound, Code: "no_shift"}
	ErrNoOpenShift   = &Error{Kind: NotAllowed, Code: "no_open_shift"}
	ErrTillInvalid   = &Error{Kind: Invalid, Code: "till_invalid"}
	ErrTillBusy      = &Error{Kind: NotAllowed, Code: "till_busy"}
	ErrCashierBusy   = &Error{Kind: NotAllowed, Code: "cashier_busy"}
	ErrShiftClosed   = &Error{Kind: NotAllowed, Code: "shift_closed"}
	ErrNotYourShift  = &Error{Kind: NotAllowed, Code: "shift_of_another"}
	ErrDifferenceWhy = &Error{Kind: NotAllowed, Code: "shift_difference_reason"}
	ErrDepositMore   = &Error{Kind: NotAllowed, Code: "shift_deposit_more"}
	ErrPlaceInvalid  = &Error{Kind: Invalid, Code: "place_invalid"}
	ErrSafeShort     = &Error{Kind: NotAllowed, Code: "safe_short"}
	ErrTillShort     = &Error{Kind: NotAllowed, Code: "till_short"}
)

// ShiftRules are the settings of the utility about shifts.
type ShiftRules struct {
	ApproveOverFen int64            // a difference above this, over or short, wants a second pair of eyes
	Settle         map[Means]string // the bank account to which a means that is not cash goes at the close
}

// DefaultShiftRules are the settings as shipped. Card and mobile payments come
// from their own companies and are matched against their files.
func DefaultShiftRules() ShiftRules {
	return ShiftRules{ApproveOverFen: 5000, Settle: map[Means]string{
		Cheque: "main", BankOrder: "main", DepositSlip: "main", BankCard: "card", Mobile: "mobile",
	}}
}

// Shift is one cashier at one till, from the float to the counted drawer.
type Shift struct {
	Till     string
	No       int64
	Cashier  string
	State    ShiftState
	Opened   time.Time
	FloatFen int64
	Closing            // what the cashier handed in; zero while the shift is open
	Expected int64     // cash that the ledger says, in fen
	Counted  int64     // cash that was there, in fen
	Counts   int       // how often the drawer was counted: a blind count is right at once
	Approved string    // who approved the difference, where one had to
	Closed   time.Time // zero until then
}

// Closing is what a cashier hands in at the end of a shift.
type Closing struct {
	Count   Count  // counted blind: before anybody says what should be there
	BankFen int64  // of it, deposited the same day; the rest goes into the safe
	Bank    string // bank account
	Safe    string // hall
	Reason  string // of the difference
}

// Number is how a shift is called, as "1-17": till 1, its 17th shift.
func (s Shift) Number() string { return s.Till + "-" + strconv.FormatInt(s.No, 10) }

// Difference is what was counted over (above zero) or short, in fen.
func (s Shift) Difference() int64 { return s.Counted - s.Expected }

// MayTake refuses money where no shift is open, or that of another cashier
// (RULES B7: one cashier, one till).
func (s Shift) MayTake(by Actor) error {
	switch {
	case s.No == 0 || s.State != ShiftOpen:
		return ErrNoOpenShift.With("Till", s.Till)
	case s.Cashier != by.Staff:
		return ErrNotYourShift.With("Shift", s.Number(), "Cashier", s.Cashier)
	}
	return nil
}

// ParseShift reads a shift's number.
func ParseShift(number string) (till string, no int64, err error) {
	at := strings.LastIndexByte(number, '-')
	if at > 0 {
		till = number[:at]
		no, err = strconv.ParseInt(number[at+1:], 10, 64)
	}
	if at <= 0 || err != nil || no <= 0 || ValidTill(till) != nil {
		return "", 0, ErrNoShift.With("Shift", number)
	}
	return till, no, nil
}

const longestTill = 16

// ValidTill checks the name of a till: letters and digits, as its account is
// named after it.
func ValidTill(till string) error {
	if till == "" || len(till) > longestTill || !plainToken(till) || strings.ContainsAny(till, "-./_") {
		return ErrTillInvalid.With("Till", till)
	}
	return nil
}

// validPlace checks the name of a bank account or a safe.
func validPlace(names ...string) error {
	for _, name := range names {
		if name == "" || !plainToken(name) {
			return ErrPlaceInvalid.With("Place", name)
		}
	}
	return nil
}

// Valid checks what opens a shift.
func (s Shift) Valid() error {
	if err := ValidTill(s.Till); err != nil {
		return err
	}
	if s.FloatFen < 0 {
		return ErrAmountInvalid.With("Amount", FormatYuan(s.FloatFen))
	}
	return validPlace(s.Safe)
}

// Places reads two different places of the company's money, "safe:main" or
// "bank:main".
func Places(from, to string) (a, b ledger.Account, err error) {
	places := [2]ledger.Account{}
	for i, name := range []string{from, to} {
		places[i], err = ledger.ParseAccount(name)
		if err != nil || places[i].Class != ledger.ClassSafe && places[i].Class != ledger.ClassBank || validPlace(places[i].Of) != nil || from == to {
			return a, b, ErrPlaceInvalid.With("Place", name)
		}
	}
	return places[0], places[1], nil
}

// Next is the state after an event; false where it cannot happen.
func (s ShiftState) Next(e ShiftEvent) (ShiftState, bool) {
	next, ok := shiftMoves[s][e]
	return next, ok
}

// FloatTransfers move the float from the safe into the drawer.
func (s Shift) FloatTransfers(deed uuid.UUID) []ledger.Transfer {
	return cashMove(nil, deed, "float", ledger.Till(s.Number()), ledger.Safe(s.Safe), s.FloatFen, s.Opened)
}

// Close judges what a cashier hands in against what the ledger says the shift
// holds, by means, in fen (RULES B7). It returns the shift as it is then. A
// difference wants a reason, and above the limit somebody's approval. at is
// when the shift closes.
func (s Shift) Close(deed Deed, c Closing, held map[Means]int64, rules ShiftRules, at time.Time) (Shift, error) {
	next, ok := s.State.Next(CashCounted)
	if !ok {
		return s, ErrShiftClosed.With("Shift", s.Number())
	}
	if err := validPlace(c.Bank, c.Safe); err != nil {
		return s, err
	}
	counted, err := c.Count.Sum()
	if err != nil {
		return s, err
	}
	difference, err := ledger.Fen(counted).Sub(ledger.Fen(held[Cash]))
	if err != nil {
		return s, err
	}
	if c.BankFen < 0 || c.BankFen > counted {
		return s, ErrDepositMore.With("Amount", FormatYuan(c.BankFen), "Counted", FormatYuan(counted))
	}
	if difference.N != 0 && strings.TrimSpace(c.Reason) == "" {
		return s, ErrDifferenceWhy.With("Shift", s.Number())
	}
	if difference.N > rules.ApproveOverFen || difference.N < -rules.ApproveOverFen {
		if err := deed.FourEyes(); err != nil {
			return s, err
		}
		s.Approved = deed.Approved.Staff
	}
	s.State, s.Closing, s.Expected, s.Counted, s.Closed = next, c, held[Cash], counted, at
	return s, nil
}

// CloseTransfers are what the close of a shift moves: the difference, the
// deposit, what goes into the safe, and every other means to its bank account. All
// accounts of the shift stand at zero afterwards.
func (s Shift) CloseTransfers(deed uuid.UUID, held map[Means]int64, rules ShiftRules) []ledger.Transfer {
	drawer := ledger.Till(s.Number())
	out := cashMove(nil, deed, "difference", drawer, ledger.Difference(s.Till), s.Difference(), s.Closed)
	out = cashMove(out, deed, "deposit", ledger.Bank(s.Bank), drawer, s.BankFen, s.Closed)
	out = cashMove(out, deed, "safe", ledger.Safe(s.Safe), drawer, s.Counted-s.BankFen, s.Closed)
	for _, m := range AllMeans {
		if m != Cash {
			out = cashMove(out, deed, string(m), ledger.Bank(rules.Settle[m]), m.Account(s.Number()), held[m], s.Closed)
		}
	}
	return out
}

// cashMove appends the transfer that lets the account to grow by n fen at the
// cost of from; the other way round where n is below zero, none where it is zero.
func cashMove(out []ledger.Transfer, deed uuid.UUID, role string, to, from ledger.Account, n int64, at time.Time) []ledger.Transfer {
	if n == 0 {
		return out
	}
	if n < 0 {
		to, from, n = from, to, -n
	}
	return append(out, ledger.Transfer{ID: ledger.MoveID(deed, role), Kind: ledger.Single, Debit: to, Credit: from,
		Amount: ledger.Fen(n), Cause: deed, At: at})
}
