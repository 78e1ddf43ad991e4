package paper

import (
	"math"
	"testing"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for fen, want := range map[int64]string{
		0: "¥0.00", -1: "-¥0.01", 99999: "¥999.99", 100000: "¥1,000.00", 1640902: "¥16,409.02", -100000000: "-¥1,000,000.00",
		math.MinInt64: "-¥92,233,720,368,547,758.08",
	} {
		if got := money(fen); got != want {
			t.Errorf("%d: %s, want %s", fen, got, want)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for bp, want := range map[int64]string{0: "0%", 900: "9%", 1350: "13.5%", 305: "3.05%", 1: "0.01%"} {
		if got := rate(bp); got != want {
			t.Errorf("%d: %s, want %s", bp, got, want)
		}
	}
}
