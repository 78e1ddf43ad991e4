package vending

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vendgate/vendgate/ledger"
)

// MaxSaleFen is the most that one purchase may cost: 100,000 yuan.
const MaxSaleFen = 10_000_000

// ParseYuan reads an amount of money as people write it, "200" or "200.00",
// into fen. Half a fen, a sign, spaces and anything else is ErrAmountInvalid.
func ParseYuan(s string) (int64, error) {
	yuan, fen, point := strings.Cut(s, ".")
	if point && (len(fen) == 0 || len(fen) > 2) || yuan == "" || !digits(yuan, len(yuan)) || !digits(fen, len(fen)) {
		return 0, ErrAmountInvalid.With("Amount", s)
	}
	fen += "00"[len(fen):]
	n, err := strconv.ParseInt(yuan+fen, 10, 64)
	if err != nil {
		return 0, ErrAmountTooLarge.With("Amount", s, "Max", FormatYuan(MaxSaleFen))
	}
	return n, nil
}

// FormatYuan writes fen as yuan with two decimals: 20000 is "200.00".
func FormatYuan(fen int64) string { return fixed(fen, 100, 2) }

// FormatThousandths writes litres as cubic metres, or Wh as kWh, with three
// decimals: 76040 is "76.040".
func FormatThousandths(n int64) string { return fixed(n, 1000, 3) }

// FormatCredit writes an amount of credit as a meter's display has it, without its unit:
// yuan with two decimals, or cubic metres or kWh with three.
func FormatCredit(a ledger.Amount) string {
	if a.Commodity == ledger.CNY {
		return FormatYuan(a.N)
	}
	return FormatThousandths(a.N)
}

// ParseCredit reads an amount of credit as FormatCredit writes it. Its errors are ParseYuan's and ParseThousandths'.
func ParseCredit(s string, c ledger.Commodity) (int64, error) {
	if c == ledger.CNY {
		return ParseYuan(s)
	}
	return ParseThousandths(s)
}

// FormatAmount shows an amount to people: yuan, cubic metres or kilowatt hours.
func FormatAmount(a ledger.Amount) string {
	switch a.Commodity {
	case ledger.CNY:
		return FormatCredit(a) + " CNY"
	case ledger.WattHour:
		return FormatCredit(a) + " kWh"
	default:
		return FormatCredit(a) + " m³"
	}
}

func fixed(n, scale int64, decimals int) string {
	sign := ""
	if n < 0 {
		sign = "-"
	}
	whole, rest := n/scale, n%scale
	if rest < 0 {
		rest = -rest
	}
	if whole < 0 {
		whole = -whole
	}
	return fmt.Sprintf("%s%d.%0*d", sign, whole, decimals, rest)
}
