package meterproto_test

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto"
)

// A width is said in litres where it is a whole number of them, and an int64 has room.
func TestSpanOfARegister(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		span  int64
		scale int8
		want  int64
	}{
		{0, 0, 0}, {100_000_000, -3, 100_000_000}, {100_000_000, 0, 100_000_000_000}, {100_000_000, -6, 100_000}, {100, -6, 0}, {1 << 32, -4, 0},
		{1 << 32, -2, 42_949_672_960}, {1_000_000_000_000, 6, 0},
	} {
		r := meterproto.Register{Span: c.span, Value: meterproto.Decimal{Digits: 7, Scale: c.scale}}
		if got := r.Litres(); got.Span != c.want || c.want != 0 && !got.Valid {
			t.Errorf("%d of 10^%d: %+v, want %d", c.span, c.scale, got, c.want)
		}
	}
	for digits, want := range map[int]int64{0: 0, 1: 10, 8: 100_000_000, 18: 1_000_000_000_000_000_000, 19: 0} {
		if got := meterproto.SpanOfDigits(digits); got != want {
			t.Errorf("%d digits: %d", digits, got)
		}
	}
}
