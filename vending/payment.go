package vending

import (
	"strings"

	"github.com/vendgate/vendgate/ledger"
)

// The means of payment beside cash and the customer's advance (RULES B4).
const (
	Cheque      Means = "cheque"       // 支票
	BankCard    Means = "bank_card"    // 银行卡
	BankOrder   Means = "transfer"     // 转账
	Mobile      Means = "mobile"       // 移动支付
	DepositSlip Means = "deposit_slip" // 银行进账单
)

// What is wrong with how somebody wants to pay.
var (
	ErrMeansUnknown    = &Error{Kind: Invalid, Code: "means_unknown"}
	ErrNoReference     = &Error{Kind: Invalid, Code: "payment_no_reference"}
	ErrReferenceSyntax = &Error{Kind: Invalid, Code: "payment_reference_syntax"}
	ErrReferenceUsed   = &Error{Kind: NotAllowed, Code: "payment_reference_used"}
	ErrNotCommercial   = &Error{Kind: NotAllowed, Code: "payment_not_commercial"}
)

// proof says which means come with a number of the bank's, and whether it has to be given.
var proof = map[Means]struct{ may, must bool }{
	Cash:        {},
	FromAdvance: {},
	Cheque:      {true, true},
	BankCard:    {true, false},
	BankOrder:   {true, true},
	Mobile:      {true, true},
	DepositSlip: {true, true},
}

// AllMeans lists the means that bring money in, as a day's report shows them.
var AllMeans = []Means{Cash, Cheque, BankCard, BankOrder, Mobile, DepositSlip}

// Account is where the money of a means lies while the shift lasts: cash in the
// drawer is till:1-17, a means beside it has an account of its own, as
// till:1-17/mobile. So what the drawer must hold is one balance.
func (m Means) Account(shift string) ledger.Account {
	if m == Cash {
		return ledger.Till(shift)
	}
	return ledger.Till(shift + "/" + string(m))
}

// Payment is how something is paid.
type Payment struct {
	Means     Means
	Bank      string // who issued the reference: a bank, or the company behind a mobile payment
	Reference string // number of the cheque, transfer, mobile payment or deposit slip
}

// Valid checks a payment. Only commercial customers may present a bank's deposit
// slip (RULES B4).
func (p Payment) Valid(commercial bool) error {
	want, known := proof[p.Means]
	switch {
	case !known:
		return ErrMeansUnknown.With("Means", string(p.Means))
	case p.Means == DepositSlip && !commercial:
		return ErrNotCommercial
	case want.must && (p.Bank == "" || p.Reference == ""):
		return ErrNoReference.With("Means", string(p.Means))
	case !want.may && (p.Bank != "" || p.Reference != ""):
		return ErrReferenceSyntax.With("Reference", p.Bank+" "+p.Reference)
	case (p.Bank == "") != (p.Reference == ""):
		return ErrNoReference.With("Means", string(p.Means))
	}
	for _, s := range []string{p.Bank, p.Reference} {
		if !plainToken(s) {
			return ErrReferenceSyntax.With("Reference", s)
		}
	}
	return nil
}

// longestToken bounds names and references that people type.
const longestToken = 64

// plainToken says whether s is written in letters, digits and "-./_" only. A
// reference in full-width digits would be another one to the database.
func plainToken(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("-./_", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return len(s) <= longestToken
}

// Once is the key under which a payment can be used a single time: capital or
// small letters make no difference. False where there is nothing to use up.
func (p Payment) Once() (bank, reference string, once bool) {
	return strings.ToUpper(p.Bank), strings.ToUpper(p.Reference), p.Reference != ""
}
