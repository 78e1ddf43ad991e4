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

// Set sets one of the numbers by its name; false where there is none of that name.
func (r *LifeRules) Set(name string, value int64) bool {
	switch name {
	case "due_days":
		r.Arrears.DueDays = int32(value)
	case "late_bp":
		r.Arrears.LateBp = value
	case "late_cap_bp":
		r.Arrears.CapBp = value
	case "stop_days":
		r.Arrears.StopDays = int32(value)
	case "late_fee_first":
		r.Arrears.FeeFirst = value != 0
	case "swap_frozen_from":
		r.Swap.FrozenFrom = int(value)
	case "debt_share_bp":
		r.Share.Bp = value
	case "debt_share_min_left_fen":
		r.Share.MinLeft = value
	case "refund_eyes_fen":
		r.RefundEyesFen = value
	case "reverse_eyes_fen":
		r.ReverseEyesFen = value
	default:
		return false
	}
	return true
}

// Kinds of deed in the life of an account.
const (
	DeedCharge        = "charge on account"
	DeedChargePaid    = "charge paid"
	DeedDebtPaid      = "debt paid"
	DeedLateFee       = "late fee"
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
)
