package vending

// LifeRules are the company's settings about accounts and charges: numbers of
// RULES A, B2 and B11, which the database keeps.
type LifeRules struct {
	Terms          map[ChargeKind]ChargeTerms
	Arrears        Arrears
	Swap           Swap
	Share          DebtShare
	RefundEyesFen  int64 // what is paid out above it wants a second pair of eyes
	ReverseEyesFen int64 // a purchase above it that is taken back, too
}

// DefaultLifeRules are the shipped settings. No share of a top-up pays debt until
// the company says how much.
func DefaultLifeRules() LifeRules {
	r := LifeRules{Terms: map[ChargeKind]ChargeTerms{}, Arrears: DefaultArrears(), Swap: DefaultSwap(), RefundEyesFen: 50_000, ReverseEyesFen: 100_000}
	for _, t := range DefaultTerms() {
		r.Terms[t.Kind] = t
	}
	return r
}

// Kinds of deed in the life of an account.
const (
	DeedOpened        = "customer opened"
	DeedMismatch      = "meter number differs on site"
	DeedCorrected     = "meter number corrected"
	DeedCharge        = "charge on account"
	DeedChargePaid    = "charge paid"
	DeedDebtPaid      = "debt paid"
	DeedLateFee       = "late fee"
	DeedFixed         = "fixed charges"
	DeedDeposit       = "deposit taken"
	DeedDepositBack   = "deposit returned"
	DeedStep          = "account step"
	DeedClosed        = "account closed"
	DeedTransferred   = "premises transferred"
	DeedMeterReplaced = "meter replaced"
	DeedTakenOver     = "customer taken over"
	DeedPapers        = "papers filed"
)

// What else stands in the way of a deed in the life of an account.
var (
	ErrNoShiftOfYours = &Error{Kind: NotAllowed, Code: "no_shift_of_yours"}
	ErrReadingBack    = &Error{Kind: NotAllowed, Code: "reading_backwards"}
	ErrMeterOverdrawn = &Error{Kind: NotAllowed, Code: "meter_overdrawn"}
	ErrCreditOnCard   = &Error{Kind: NotAllowed, Code: "credit_on_card"}
	ErrMandate        = &Error{Kind: NotAllowed, Code: "mandate_in_force"}
	ErrSameMeter      = &Error{Kind: Invalid, Code: "same_meter"}
	ErrMeterUsed      = &Error{Kind: NotAllowed, Code: "meter_used"}
)
