package vending

import "github.com/vendgate/vendgate/ledger"

// Shape is from which class of account to which a transfer leads.
type Shape struct{ Debit, Credit ledger.Class }

// deedMoves says what a deed may move. The transfers of purchases and reports are
// derived and compared one by one; those of every other deed are held against this.
var deedMoves = map[string][]Shape{
	Collected:      {{ledger.ClassAgent, ledger.ClassAdvance}},
	Settled:        {{ledger.ClassBank, ledger.ClassAgent}},
	"price change": {{ledger.ClassDebt, ledger.ClassPrepaid}, {ledger.ClassPrepaid, ledger.ClassAdvance}},
	"shift open":   {{ledger.ClassTill, ledger.ClassSafe}},
	"shift close": {
		{ledger.ClassTill, ledger.ClassDifference}, {ledger.ClassDifference, ledger.ClassTill}, {ledger.ClassSafe, ledger.ClassTill},
		{ledger.ClassBank, ledger.ClassTill}, {ledger.ClassTill, ledger.ClassBank},
	},
	"cash move": {
		{ledger.ClassBank, ledger.ClassSafe}, {ledger.ClassSafe, ledger.ClassBank},
		{ledger.ClassBank, ledger.ClassBank}, {ledger.ClassSafe, ledger.ClassSafe},
	},
	CloseDeed: {
		{ledger.ClassPrepaid, ledger.ClassRevenue}, {ledger.ClassPrepaid, ledger.ClassVAT},
		{ledger.ClassRevenue, ledger.ClassPrepaid}, {ledger.ClassVAT, ledger.ClassPrepaid},
	},
	DeedCharge:       {earns, taxes},
	DeedChargePaid:   {{ledger.ClassTill, ledger.ClassRevenue}, {ledger.ClassTill, ledger.ClassVAT}},
	DeedCardBegun:    {carries},
	DeedPurseRead:    {{ledger.ClassCard, ledger.ClassMeter}},
	DeedReissued:     {earns, taxes, carries},
	DeedReissuedPaid: {{ledger.ClassTill, ledger.ClassRevenue}, {ledger.ClassTill, ledger.ClassVAT}, carries},
	DeedDebtPaid:     {earns, taxes, {ledger.ClassTill, ledger.ClassDebt}, {ledger.ClassAdvance, ledger.ClassDebt}},
	DeedWithheld:     {earns, taxes, {ledger.ClassBank, ledger.ClassAdvance}, {ledger.ClassAdvance, ledger.ClassDebt}},
	DeedLateFee:      {earns, taxes},
	DeedFixed:        {earns, taxes},
	DeedDeposit:      {{ledger.ClassTill, ledger.ClassDeposit}},
	DeedDepositBack:  {{ledger.ClassDeposit, ledger.ClassTill}},
	DeedStep:         {earns, taxes},
	DeedTakenBack:    {{ledger.ClassRevenue, ledger.ClassPrepaid}, {ledger.ClassVAT, ledger.ClassPrepaid}},
	DeedRefund:       {{ledger.ClassAdvance, ledger.ClassTill}},
	DeedClosed: {earns, taxes, {ledger.ClassAdvance, ledger.ClassTill}, {ledger.ClassDeposit, ledger.ClassTill},
		{ledger.ClassMeter, ledger.ClassSold}, {ledger.ClassCard, ledger.ClassSold}, {ledger.ClassPrepaid, ledger.ClassAdvance},
		{ledger.ClassRevenue, ledger.ClassPrepaid}, {ledger.ClassVAT, ledger.ClassPrepaid}},
	DeedTransferred:   {earns, taxes, {ledger.ClassAdvance, ledger.ClassTill}, {ledger.ClassDeposit, ledger.ClassTill}},
	DeedMeterReplaced: {{ledger.ClassMeter, ledger.ClassMeter}, {ledger.ClassCard, ledger.ClassMeter}},
	DeedTakenOver: {{ledger.ClassOpening, ledger.ClassAdvance}, {ledger.ClassOpening, ledger.ClassDeposit},
		{ledger.ClassOpening, ledger.ClassPrepaid}, {ledger.ClassSold, ledger.ClassMeter}},
	DeedMeterOpened: {{ledger.ClassOpening, ledger.ClassPrepaid}, {ledger.ClassSold, ledger.ClassMeter}},
}

// carries: the credit of a dead card is the next one's.
var carries = Shape{ledger.ClassCard, ledger.ClassCard}

// What a customer owes is earned, late fees and fixed charges too.
var (
	earns = Shape{ledger.ClassDebt, ledger.ClassRevenue}
	taxes = Shape{ledger.ClassDebt, ledger.ClassVAT}
)

// DeedMay says whether a deed of a kind may make a transfer.
func DeedMay(kind string, t ledger.Transfer) bool {
	for _, s := range deedMoves[kind] {
		if s == (Shape{t.Debit.Class, t.Credit.Class}) {
			return true
		}
	}
	return false
}
