package vending

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestCountIsRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		sum  int64
	}{
		{"", 0}, {" ", 0}, {"100x3,50x1,0.5x4", 35200}, {"0.1x1, 0.01x3", 13}, {"1x0", 0},
	} {
		count, err := ParseCount(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
		}
		if sum, err := count.Sum(); err != nil || sum != c.sum {
			t.Errorf("%q: %d %v, want %d", c.text, sum, err, c.sum)
		}
	}
	for _, bad := range []string{"100", "100x", "x3", "100x-1", "3x1", "100x1,100x2", "100x1.5", "一百x1", ",",
		"100x9223372036854775807", "100x922337203685477,50x922337203685477581"} {
		if _, err := ParseCount(bad); !errors.Is(err, ErrCountInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A count is worth the sum of its pieces, and reads back as it is written.
func TestCountAdds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, want := Count{}, new(big.Int)
		for _, fen := range rapid.SliceOfDistinct(rapid.SampledFrom(Denominations), rapid.ID).Draw(t, "faces") {
			c[fen] = rapid.Int64Range(1, math.MaxInt64).Draw(t, "pieces")
			if rapid.Bool().Draw(t, "few") {
				c[fen] = c[fen]%1000 + 1
			}
			want.Add(want, new(big.Int).Mul(big.NewInt(fen), big.NewInt(c[fen])))
		}
		sum, err := c.Sum()
		if fits := want.IsInt64(); fits != (err == nil) || fits && want.Int64() != sum {
			t.Fatalf("%v: %d %v, want %v", c, sum, err, want)
		}
		if err != nil {
			return
		}
		again, err := ParseCount(c.String())
		if err != nil || again.String() != c.String() {
			t.Fatalf("%v is written %q and read %v, %v", c, c, again, err)
		}
	})
}
