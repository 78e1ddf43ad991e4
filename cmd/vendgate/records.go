package main

import (
	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/counter"
	"github.com/vendgate/vendgate/vending/store"
)

func amount(n int64, c ledger.Commodity) string {
	return vending.FormatAmount(ledger.Amount{N: n, Commodity: c})
}

// chargedFields say what a meter that counts money charges; none where it does not.
func chargedFields(c *store.Charged) record {
	if c == nil {
		return nil
	}
	return record{
		{key: "meter_charges", value: tiersText(c.Version.Tiers)},
		{key: "charged_since", value: c.Since},
		{key: "price_due", value: c.Due},
	}
}

// quotedRecord is what would be sold, and what its meter charges.
func quotedRecord(q counter.Quoted) record {
	return append(purchaseRecord(q.Purchase), chargedFields(q.Charges)...)
}

func purchaseRecord(p vending.Purchase) record {
	unit := p.Quote.Credit.Commodity
	reverses := ""
	if p.IsReversal() {
		reverses = p.Reverses.String()
	}
	return record{
		{key: "id", value: p.ID.String()},
		{key: "customer", value: p.Customer},
		{key: "card", value: p.Card},
		{key: "meter", value: p.Meter},
		{key: "state", value: string(p.State)},
		{key: "proof", value: string(p.Proof)},
		{key: "count", value: p.Count},
		{key: "money_fen", value: p.Quote.Money, text: vending.FormatYuan(p.Quote.Money) + " CNY"},
		{key: "cost_fen", value: p.Quote.Cost, text: vending.FormatYuan(p.Quote.Cost) + " CNY"},
		{key: "change_fen", value: p.Quote.Change, text: vending.FormatYuan(p.Quote.Change) + " CNY"},
		{key: "currency", value: string(ledger.CNY)},
		{key: "credit", value: p.Quote.Credit.N, text: amount(p.Quote.Credit.N, unit)},
		{key: "total", value: p.Total, text: amount(p.Total, unit)},
		{key: "unit", value: string(unit)},
		{key: "doubt", value: p.Doubt},
		{key: "opened", value: p.Opened},
		{key: "settled", value: p.Settled},
		{key: "reverses", value: reverses},
	}
}
