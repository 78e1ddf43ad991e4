package vending

import "github.com/vendgate/vendgate/ledger"

// ErrCountsMoney is for who asks what a volume costs, where the meter alone knows.
var ErrCountsMoney = &Error{Kind: NotAllowed, Code: "counts_money"}

// ErrTariffMeter is a price list for meters that count something else.
var ErrTariffMeter = &Error{Kind: NotAllowed, Code: "tariff_meter"}

// CountsMoney says whether the price list is one for meters that count money. What a
// customer pays for is then what the meter gets, fen for fen. The tiers are prices that the
// meter itself applies to what it measures: a price order carries them (PriceOrder), a
// quote shows them, and nothing here is computed from them.
func (t Tariff) CountsMoney() bool { return t.Commodity == ledger.CNY }

// moneyFault is what a price list says that its kind of meter cannot do. A meter that
// applies its prices itself knows no household and no party, counts what it has measured,
// and gains nobody a fen who buys before the price rises; and its credit is its money, so one limit is enough.
func (t Tariff) moneyFault() (fault, bool) {
	if !t.CountsMoney() {
		return fault{"measures", "tariff_measures_only"}, t.Measures != ""
	}
	for _, c := range []struct {
		wrong         bool
		field, reason string
	}{
		{t.Measures != ledger.Litre && t.Measures != ledger.WattHour, "measures", "tariff_measures"},
		{t.Step != 1, "step", "tariff_money_step"},
		{t.Counted != OnPurchases, "counted", "tariff_money"},
		{t.ProRata, "pro_rata", "tariff_money"},
		{t.Allowance != (Allowance{}), "allowance", "tariff_money"},
		{t.Limits.PurchaseUnits != 0 || t.Limits.MonthUnits != 0 || t.Limits.Hoarding != (Hoarding{}), "limits", "tariff_money"},
	} {
		if c.wrong {
			return fault{c.field, c.reason}, true
		}
	}
	return fault{}, false
}
