package vending

import (
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Denominations are the notes and coins in which cash is counted, in fen.
var Denominations = []int64{10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 2, 1}

// ErrCountInvalid is a count of cash that cannot be read.
var ErrCountInvalid = &Error{Kind: Invalid, Code: "cash_count_invalid"}

// Count is cash by denomination: how many pieces of each, in fen.
type Count map[int64]int64

// ParseCount reads a count as people write it: face value in yuan, x, pieces, as
// "100x3,50x1,0.5x4". Empty is an empty drawer.
func ParseCount(s string) (Count, error) {
	c := Count{}
	if strings.TrimSpace(s) == "" {
		return c, nil
	}
	for _, part := range strings.Split(s, ",") {
		face, pieces, ok := strings.Cut(strings.TrimSpace(part), "x")
		fen, err := ParseYuan(face)
		n, bad := strconv.ParseInt(pieces, 10, 64)
		if _, twice := c[fen]; !ok || err != nil || bad != nil || twice {
			return nil, ErrCountInvalid.With("Part", part)
		}
		c[fen] = n
	}
	_, err := c.Sum()
	return c, err
}

// String is what ParseCount reads, the largest denomination first.
func (c Count) String() string {
	var parts []string
	for _, fen := range Denominations {
		if n := c[fen]; n != 0 {
			face := strings.TrimSuffix(FormatYuan(fen), ".00")
			parts = append(parts, face+"x"+strconv.FormatInt(n, 10))
		}
	}
	return strings.Join(parts, ",")
}

// Sum is what the count is worth, in fen. ErrCountInvalid where a denomination
// does not exist, pieces are negative, or the sum is beyond 64 bits.
func (c Count) Sum() (int64, error) {
	var sum uint64
	for fen, n := range c {
		if n < 0 || !slices.Contains(Denominations, fen) {
			return 0, ErrCountInvalid.With("Part", FormatYuan(fen)+"x"+strconv.FormatInt(n, 10))
		}
		high, low := bits.Mul64(uint64(fen), uint64(n))
		var carry uint64
		sum, carry = bits.Add64(sum, low, 0)
		if high != 0 || carry != 0 || int64(sum) < 0 {
			return 0, ErrCountInvalid.With("Part", FormatYuan(fen)+"x"+strconv.FormatInt(n, 10))
		}
	}
	return int64(sum), nil
}
