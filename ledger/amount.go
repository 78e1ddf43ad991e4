package ledger

import (
	"errors"
	"fmt"
	"math"
)

// Commodity is what an Amount counts.
type Commodity string

// The commodities, each with the smallest unit it is counted in.
const (
	CNY      Commodity = "CNY" // fen
	Litre    Commodity = "L"   // litres of gas or water
	WattHour Commodity = "Wh"  // heat or electricity
)

// Amount is a number of the smallest units of a commodity.
type Amount struct {
	N         int64
	Commodity Commodity
}

// Errors of amount arithmetic.
var (
	ErrOverflow  = errors.New("amount is beyond 64 bits")
	ErrCommodity = errors.New("amounts of different commodities do not add")
)

// Fen returns an amount of money.
func Fen(n int64) Amount { return Amount{n, CNY} }

// Add returns a+b. It fails with ErrCommodity or ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Commodity != b.Commodity {
		return Amount{}, fmt.Errorf("%s + %s: %w", a, b, ErrCommodity)
	}
	sum := a.N + b.N
	if (sum > a.N) != (b.N > 0) {
		return Amount{}, fmt.Errorf("%s + %s: %w", a, b, ErrOverflow)
	}
	return Amount{sum, a.Commodity}, nil
}

// Sub returns a-b. It fails with ErrCommodity or ErrOverflow.
func (a Amount) Sub(b Amount) (Amount, error) {
	if b.N == math.MinInt64 {
		return Amount{}, fmt.Errorf("%s - %s: %w", a, b, ErrOverflow)
	}
	return a.Add(Amount{-b.N, b.Commodity})
}

// String gives the number in the smallest unit, as in "20000 CNY" for 200 yuan.
func (a Amount) String() string { return fmt.Sprintf("%d %s", a.N, a.Commodity) }
