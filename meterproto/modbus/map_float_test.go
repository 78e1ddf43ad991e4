package modbus_test

import (
	"fmt"
	"testing"

	"github.com/vendgate/vendgate/meterproto"
)

// A float that happens to be round counts no coarser than its entry's scale: whoever reads a register believes it to
// within its last digit.
func TestARoundFloatIsNoCoarserThanItsEntry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entry, data string
		want        meterproto.Decimal
	}{
		"2000.0":             {`"type": "float32"`, "44FA0000", meterproto.Decimal{Digits: 2000}},
		"2000.5":             {`"type": "float32"`, "44FA1000", meterproto.Decimal{Digits: 20005, Scale: -1}},
		"2000.0 of litres":   {`"type": "float32", "scale": -3`, "44FA0000", meterproto.Decimal{Digits: 2000, Scale: -3}},
		"2000.0 of thousand": {`"type": "float32", "scale": 3`, "44FA0000", meterproto.Decimal{Digits: 2000, Scale: 3}},
		"float64 of a round": {`"type": "float64"`, "40C3880000000000", meterproto.Decimal{Digits: 10000}},
		"nought of litres":   {`"type": "float32", "scale": -3`, "00000000", meterproto.Decimal{Scale: -3}},
	} {
		m := parse(t, fmt.Sprintf(`{"name": "v", "address": 1, %s, "unit": "m3", "kind": "volume"}`, c.entry))
		if got := answer(t, m, unhex(t, c.data))[0].Value; got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
