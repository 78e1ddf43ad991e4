package intake_test

import (
	"errors"
	"testing"

	"github.com/vendgate/vendgate/ledger"
	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/vending"
	"github.com/vendgate/vendgate/vending/intake"
)

// What stood on the register when the meter came nobody here has burnt (RULES A7). A coarse register may show less than that. What a
// meter that counts money has burnt is of its credit: its first register is another thing.
func TestFromWireFirstRegister(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		counts   ledger.Commodity
		unit     meterproto.CreditUnit
		register meterproto.Volume
		burnt    int64
		want     error
	}{
		"fine":        {ledger.Litre, meterproto.CreditLitres, volume(7_600, 1), 100, nil},
		"new":         {ledger.Litre, meterproto.CreditLitres, volume(7_500, 1), 0, nil},
		"coarse":      {ledger.Litre, meterproto.CreditLitres, volume(7_000, 1_000), 0, nil},
		"less":        {ledger.Litre, meterproto.CreditLitres, volume(6_000, 1_000), 0, vending.ErrReadingBack},
		"money":       {ledger.CNY, meterproto.CreditFen, volume(8_000, 1), 300, nil},
		"begun again": {ledger.Litre, meterproto.CreditLitres, volume(1_000, 1), 99_993_500, nil},
	} {
		known, r := knownOf(c.counts), reading()
		known.Base, r.Consumed = 7_500, c.register
		if name == "begun again" {
			known.Books.Consumed.N = 99_990_000
		}
		said := meterproto.Taken{Meter: number, Total: credit(1_000, 1, c.unit), Remaining: credit(700, 1, c.unit)}
		got, err := intake.FromWire(known, r, said, true)
		if !errors.Is(err, c.want) || got.Consumed != c.burnt && c.want == nil {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
