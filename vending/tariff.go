package vending

import (
	"math/bits"

	"github.com/vendgate/vendgate/ledger"
)

// Tariff is one price. The only place where money turns into credit.
type Tariff struct {
	Code      string
	Commodity ledger.Commodity
	Tiers     []Tier
	Step      int64 // credit is sold in whole steps: what the meter can show (10 litres = 0.01 m³)
}

// Quote is what a sum of money buys. Cost + Change = Money: the change is what
// is not enough for one more step; it stays on the customer's account.
type Quote struct {
	Money  int64 // fen
	Cost   int64 // fen
	Change int64 // fen
	Credit ledger.Amount
}

// Quote turns money into credit: as many whole steps as the money buys, and
// the cost of those, rounded up to a whole fen. So nobody gains: the cost never
// exceeds the money, and buying in parts never buys more than buying at once.
func (t Tariff) Quote(moneyFen int64, u Usage) (Quote, error) {
	if moneyFen <= 0 {
		return Quote{}, ErrAmountInvalid.With("Amount", FormatYuan(moneyFen))
	}
	if moneyFen > MaxSaleFen {
		return Quote{}, ErrAmountTooLarge.With("Amount", FormatYuan(moneyFen), "Max", FormatYuan(MaxSaleFen))
	}
	steps := moneyFen * 1000 / (t.Tiers[0].PriceFen * t.Step)
	if steps == 0 {
		return Quote{}, ErrAmountTooSmall.With("Amount", FormatYuan(moneyFen), "Min", FormatYuan(t.Cost(t.Step, u)))
	}
	credit := steps * t.Step
	cost := t.Cost(credit, u)
	return Quote{moneyFen, cost, moneyFen - cost, ledger.Amount{N: credit, Commodity: t.Commodity}}, nil
}

// Cost is the price of a credit in fen, rounded up. It saturates at the
// largest int64 where the price of that much cannot be written in 64 bits.
func (t Tariff) Cost(credit int64, _ Usage) int64 {
	const most = 1<<63 - 1
	hi, lo := bits.Mul64(uint64(credit), uint64(t.Tiers[0].PriceFen))
	if hi >= 1000 {
		return most
	}
	fen, rest := bits.Div64(hi, lo, 1000)
	if fen >= most {
		return most
	}
	if rest > 0 {
		fen++
	}
	return int64(fen)
}

// Valid checks that prices and steps are within what arithmetic and meters allow.
func (t Tariff) Valid() error {
	if len(t.Tiers) != 1 || t.Tiers[0].PriceFen <= 0 || t.Tiers[0].PriceFen > 1_000_000 || t.Step <= 0 || t.Step > 1_000_000 {
		return ErrNumberInvalid.With("What", "tariff", "Value", t.Code, "Want", "price_and_step")
	}
	return nil
}
