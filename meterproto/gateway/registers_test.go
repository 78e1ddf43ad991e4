package gateway

import (
	"testing"

	"github.com/vendgate/vendgate/meterproto"
)

// A register that is printed has as many digits as are printed; of what is none, or what is not what was printed, nobody knows.
func TestPrintedDigitsAreAWidth(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0001234.567*m3": 10_000_000_000, "001234567*l": 1_000_000_000, "1234567": 10_000_000, "7654321*m3": 0, "12345 67*m3": 0, "": 0,
	} {
		all := []meterproto.Register{{Kind: meterproto.OfVolume, Value: meterproto.Decimal{Digits: 1234567, Scale: -3}, Raw: []byte(text)}}
		if byDigits(all); all[0].Span != want {
			t.Errorf("%q: %d, want %d", text, all[0].Span, want)
		}
	}
	other := []meterproto.Register{
		{Kind: meterproto.OfFlow, Value: meterproto.Decimal{Digits: 12}, Raw: []byte("0012")},
		{Kind: meterproto.OfVolume, State: meterproto.NoValue, Raw: []byte("0000")},
	}
	if byDigits(other); other[0].Span != 0 || other[1].Span != 0 {
		t.Errorf("%+v", other)
	}
}
