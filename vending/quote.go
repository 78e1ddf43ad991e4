package vending

import (
	"math"
	"math/bits"

	"github.com/vendgate/vendgate/ledger"
)

// Quote is what a sum of money buys. Cost + Change = Money: the change is what
// is not enough for one more step; it stays on the customer's account.
// Tariff.Lines explains it.
type Quote struct {
	Money  int64 // fen
	Cost   int64 // fen
	Change int64 // fen
	Credit ledger.Amount
}

// Quote turns money into credit: as many whole steps as the money buys, tier by
// tier, and the cost of those, rounded up to a whole fen once. So nobody gains: the
// cost never exceeds the money, and buying in parts never buys more than buying at
// once. Which version of a price list this is is decided by one instant, that
// of the purchase: nothing of it is sold at the price of the next day. Where credit is
// money nothing is left over.
func (t Tariff) Quote(moneyFen int64, u Usage) (Quote, error) {
	if moneyFen <= 0 {
		return Quote{}, ErrAmountInvalid.With("Amount", FormatYuan(moneyFen))
	}
	if moneyFen > MaxSaleFen {
		return Quote{}, ErrAmountTooLarge.With("Amount", FormatYuan(moneyFen), "Max", FormatYuan(MaxSaleFen))
	}
	if err := u.Valid(); err != nil {
		return Quote{}, err
	}
	if t.CountsMoney() {
		return Quote{Money: moneyFen, Cost: moneyFen, Credit: ledger.Fen(moneyFen)}, nil
	}
	var credit int64
	left := moneyFen * 1000 // thousandths of a fen, as prices are of 1,000 units
	for i, room := range t.rooms(u) {
		units := min(room, left/t.Tiers[i].PriceFen)
		credit, left = credit+units, left-units*t.Tiers[i].PriceFen
		if units < room {
			break
		}
	}
	credit -= credit % t.Step
	if credit == 0 {
		return Quote{}, ErrAmountTooSmall.With("Amount", FormatYuan(moneyFen), "Min", FormatYuan(t.Cost(t.Step, u)))
	}
	cost := t.Cost(credit, u)
	return Quote{moneyFen, cost, moneyFen - cost, ledger.Amount{N: credit, Commodity: t.Commodity}}, nil
}

// QuoteCredit says what a credit costs, in units of the commodity. It is raised
// to whole steps, so that nobody gets less than what was asked for; the money is
// exactly the cost.
func (t Tariff) QuoteCredit(units int64, u Usage) (Quote, error) {
	if units <= 0 {
		return Quote{}, ErrCreditInvalid.With("Credit", FormatCredit(ledger.Amount{N: units, Commodity: t.Commodity}))
	}
	if err := u.Valid(); err != nil {
		return Quote{}, err
	}
	cost := int64(math.MaxInt64)
	if rest := units % t.Step; rest > 0 && units <= math.MaxInt64-t.Step {
		units += t.Step - rest
	}
	if units%t.Step == 0 {
		cost = t.Cost(units, u)
	}
	if cost > MaxSaleFen {
		return Quote{}, ErrAmountTooLarge.With("Amount", FormatYuan(cost), "Max", FormatYuan(MaxSaleFen))
	}
	return Quote{Money: cost, Cost: cost, Credit: ledger.Amount{N: units, Commodity: t.Commodity}}, nil
}

// Cost is the price of a credit in fen, rounded up. It saturates at the
// largest int64 where the price of that much cannot be written in 64 bits. Credit that
// is money costs what it is.
func (t Tariff) Cost(credit int64, u Usage) int64 {
	if t.CountsMoney() {
		return credit
	}
	return t.exact(credit, u).up()
}

// exact is what a credit costs before it is rounded.
func (t Tariff) exact(credit int64, u Usage) (sum milli) {
	for i, room := range t.rooms(u) {
		units := min(room, credit)
		hi, lo := bits.Mul64(uint64(units), uint64(t.Tiers[i].PriceFen))
		sum = sum.plus(milli{hi, lo})
		if credit -= units; credit == 0 {
			break
		}
	}
	return sum
}
