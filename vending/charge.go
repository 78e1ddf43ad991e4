package vending

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/ledger/revenue"
)

// ChargeKind is what a charge is for (RULES B2).
type ChargeKind string

// The kinds of charge beside credit.
const (
	ChargeInstallation ChargeKind = "installation"      // 安装费
	ChargeRepair       ChargeKind = "repair"            // 维修费
	ChargeMeter        ChargeKind = "meter_replacement" // 换表费
	ChargeTransfer     ChargeKind = "transfer_fee"      // 过户费
	ChargeCard         ChargeKind = "card_cost"         // 工本费
	ChargeInspection   ChargeKind = "inspection"        // 检查费, an appliance
	ChargeLateFee      ChargeKind = "late_fee"          // 违约金
	ChargeOther        ChargeKind = "other"             // 其他

	// ChargeFixed is a fixed or seasonal charge of a price list (基本费), which has its
	// price and VAT. Nobody raises one by hand, so it is none of ChargeKinds.
	ChargeFixed ChargeKind = "fixed"
)

// ChargeTerms is the price of a kind of charge: a setting of the company.
type ChargeTerms struct {
	Kind  ChargeKind
	Fen   int64 // with VAT; 0 where the price is said each time
	VATBp int64 // basis points on the price without VAT
}

// DefaultTerms are the shipped prices (RULES B2). The rates are the general ones:
// goods and repair 13 %, building 9 %, services 6 %, a late fee that of gas.
func DefaultTerms() []ChargeTerms {
	return []ChargeTerms{
		{ChargeInstallation, 0, 900},
		{ChargeRepair, 0, 1300},
		{ChargeMeter, 0, 1300},
		{ChargeTransfer, 0, 600},
		{ChargeCard, 2000, 1300},
		{ChargeInspection, 2500, 600},
		{ChargeLateFee, 0, 900},
		{ChargeOther, 0, 600},
	}
}

// ChargeKinds lists the kinds in the order of RULES B2.
func ChargeKinds() []ChargeKind {
	var kinds []ChargeKind
	for _, t := range DefaultTerms() {
		kinds = append(kinds, t.Kind)
	}
	return kinds
}

// What is refused about charges and what is owed.
var (
	ErrNoCharge       = &Error{Kind: NotFound, Code: "no_charge"}
	ErrChargeKind     = &Error{Kind: Invalid, Code: "charge_kind_unknown"}
	ErrChargePrice    = &Error{Kind: Invalid, Code: "charge_without_price"}
	ErrOverpaid       = &Error{Kind: NotAllowed, Code: "debt_overpaid"}
	ErrDepositShort   = &Error{Kind: NotAllowed, Code: "deposit_short"}
	ErrAmountOverflow = &Error{Kind: NotAllowed, Code: "amount_overflow"}
)

// MaxChargeFen is the most that one charge may be: a thousand million yuan.
const MaxChargeFen = 100_000_000_000

// Charge is something that a customer was charged for on account. All amounts
// are fen with VAT.
type Charge struct {
	ID       uuid.UUID // of the deed that raised it; of a fixed charge see FixedDue
	Customer int64
	Kind     ChargeKind
	Note     string
	VATBp    int64
	Raised   time.Time
	Due      Date  // the last day on which it is not overdue
	Amount   int64 // the principal
	Paid     int64 // of the principal
	Fee      int64 // late fee so far
	FeePaid  int64
	Accrued  int64 // unpaid principal × daily rate, summed over overdue days: fen × basis points. Fee is it, rounded
	Through  Date  // the last day that Accrued counts
}

// Valid checks what a clerk can get wrong.
func (c Charge) Valid() error {
	if !slices.Contains(ChargeKinds(), c.Kind) {
		return ErrChargeKind.With("Value", string(c.Kind))
	}
	if c.Amount <= 0 {
		return ErrChargePrice.With("What", string(c.Kind))
	}
	if c.Amount > MaxChargeFen {
		return ErrAmountOverflow.With("Amount", FormatYuan(c.Amount))
	}
	if c.VATBp < 0 || c.VATBp >= 10_000 {
		return ErrNumberInvalid.With("What", "vat_rate", "Value", c.VATBp, "Want", "basis_points")
	}
	return nil
}

// Owed is the unpaid principal, FeeOwed the unpaid late fee.
func (c Charge) Owed() int64 { return c.Amount - c.Paid }

// FeeOwed is the unpaid late fee.
func (c Charge) FeeOwed() int64 { return c.Fee - c.FeePaid }

// SplitVAT splits a sum with VAT at a rate in basis points into what is earned and
// the tax, which is rounded half up.
func SplitVAT(gross, rateBp int64) (net, vat int64) {
	vat = revenue.VAT(gross, rateBp)
	return gross - vat, vat
}

// Sale is how a charge gets into the books, by a deed: what pays, a till or the
// customer's debt, is debited for revenue and VAT.
func (c Charge) Sale(cause uuid.UUID, from ledger.Account) []ledger.Transfer {
	net, vat := SplitVAT(c.Amount, c.VATBp)
	return c.earn("charge", cause, from, c.Kind, net, vat, c.Raised)
}

func (c Charge) earn(role string, cause uuid.UUID, from ledger.Account, kind ChargeKind, net, vat int64, at time.Time) []ledger.Transfer {
	var out []ledger.Transfer
	for _, part := range []struct {
		role string
		to   ledger.Account
		fen  int64
	}{{"net", ledger.Revenue(string(kind)), net}, {"vat", ledger.Output, vat}} {
		if part.fen > 0 {
			out = append(out, ledger.Transfer{Customer: c.Customer, ID: ledger.MoveID(cause, role+" "+c.ID.String()+" "+part.role),
				Kind: ledger.Single, Debit: from, Credit: part.to, Amount: ledger.Fen(part.fen), Cause: cause, At: at})
		}
	}
	return out
}
