package vending

import (
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
)

// Policy is what becomes of credit that was sold before the price changed, at
// meters that count volume.
type Policy string

// The policies.
const (
	PolicyKeep   Policy = "keep"   // credit keeps the price it was sold at: the price lots
	PolicyTrueUp Policy = "trueup" // what is not consumed is brought to the new price
)

// What is refused about price changes.
var (
	ErrPolicyUnknown = &Error{Kind: Invalid, Code: "policy_unknown"}
	ErrPolicySet     = &Error{Kind: NotAllowed, Code: "policy_set"}
	ErrNoChange      = &Error{Kind: NotFound, Code: "price_no_change"}
)

// PriceChange is what is decided about the credit that is out when a version of
// a price list comes into force. It is decided once.
type PriceChange struct {
	Tariff string
	From   time.Time // of the version
	Policy Policy
}

// Between finds the version of a change and the one before it, or ErrNoChange
// where the price list does not change then.
func (c PriceChange) Between(v Versions) (before, next Tariff, err error) {
	for i := 1; i < len(v); i++ {
		if v[i].From.Equal(c.From) {
			return v[i-1], v[i], nil
		}
	}
	return before, next, ErrNoChange.With("Tariff", c.Tariff, "From", DateOf(c.From).String())
}

// ParsePolicy reads a policy.
func ParsePolicy(s string) (Policy, error) {
	if p := Policy(s); p == PolicyKeep || p == PolicyTrueUp {
		return p, nil
	}
	return "", ErrPolicyUnknown.With("Policy", s)
}

// Held is what is left of one purchase in a customer's card and meter. Its last
// units are left: what was bought first is consumed first.
type Held struct {
	Tariff Tariff // the version at which the units stand now: as bought, or as they were last trued up to
	Usage  Usage  // of the purchase
	Credit int64  // units bought
	Left   int64  // of them, not consumed
}

// HeldBefore is what is left of a meter's purchases, and may have to be brought to
// the version next: outstanding units are on the card and in the meter, bought
// are its loaded purchases, each at the version at which it stands, the last one
// first. What stands at next or a later version already is left out. Units that no
// purchase explains, as those taken over from an older system, stand at the first
// tier of before.
func HeldBefore(before, next Tariff, outstanding int64, bought []Held) []Held {
	var held []Held
	for _, h := range bought {
		if outstanding <= 0 {
			return held
		}
		h.Left = min(h.Credit, outstanding)
		outstanding -= h.Left
		if h.Tariff.From.Before(next.From) {
			held = append(held, h)
		}
	}
	if outstanding > 0 {
		held = append(held, Held{Tariff: before, Credit: outstanding, Left: outstanding})
	}
	return held
}

// TrueUp is what a change of the price means to one customer.
type TrueUp struct {
	Units int64 // outstanding
	Fen   int64 // above zero: the customer owes it (the price rose); below: it is given back
	Lines []TrueUpLine
}

// TrueUpLine explains the part of one purchase.
type TrueUpLine struct {
	Units       int64
	Old, New    int64 // fen that the units stand at and will stand at, rounded up: for people
	OldVersion  string
	Thousandths int64 // of a fen, exactly what is added to the difference
}

// TrueUpTo is the difference between what outstanding credit stands at and what
// the same units would have cost at another version, in the same tiers. It is
// summed exactly and rounded toward zero once: neither side pays a fen that is
// not whole. A difference that cannot be written is ErrAmountTooLarge.
func TrueUpTo(next Tariff, held []Held) (TrueUp, error) {
	var out TrueUp
	var sum int64
	for _, h := range held {
		if h.Left <= 0 {
			continue
		}
		line := TrueUpLine{Units: h.Left, OldVersion: DateOf(h.Tariff.From).String()}
		was, is := h.at(h.Tariff), h.at(next)
		line.Old, line.New = was.up(), is.up()
		diff, ok := is.minus(was)
		if !ok || addOverflows(sum, diff) || out.Units > math.MaxInt64-h.Left {
			return TrueUp{}, ErrAmountTooLarge.With("Amount", FormatYuan(line.New), "Max", FormatYuan(MaxSaleFen))
		}
		line.Thousandths = diff
		sum, out.Units = sum+diff, out.Units+h.Left
		out.Lines = append(out.Lines, line)
	}
	out.Fen = sum / 1000
	return out, nil
}

// at is what the units that are left would cost at a version, in the place in
// the tiers in which they were bought.
func (h Held) at(t Tariff) milli {
	left := min(h.Left, h.Credit)
	u := h.Usage
	u.Used += h.Credit - left
	return t.exact(left, u)
}

func addOverflows(a, b int64) bool { return (a+b > a) != (b > 0) && b != 0 }

// Transfers move a true-up of one meter. A rise is a debt, which the next purchases pay; a fall is the
// customer's advance. In both the money that the credit stands at is in prepaid
// then, so revenue recognises what was really paid.
func (u TrueUp) Transfers(customer int64, meter string, deed uuid.UUID, at time.Time) []ledger.Transfer {
	t := ledger.Transfer{Customer: customer, ID: ledger.MoveID(deed, "true-up "+meter), Kind: ledger.Single, Cause: deed, At: at}
	switch {
	case u.Fen > 0:
		t.Debit, t.Credit, t.Amount = ledger.Debt(customer), ledger.Prepaid(customer), ledger.Fen(u.Fen)
	case u.Fen < 0:
		t.Debit, t.Credit, t.Amount = ledger.Prepaid(customer), ledger.Advance(customer), ledger.Fen(-u.Fen)
	default:
		return nil
	}
	return []ledger.Transfer{t}
}

// CustomerChange is the id of one customer's part of a price change: the same
// change run again meets it.
func CustomerChange(change uuid.UUID, customer int64) uuid.UUID {
	return ledger.MoveID(change, "customer "+ledger.Advance(customer).Of)
}
