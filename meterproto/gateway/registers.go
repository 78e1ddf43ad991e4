package gateway

import (
	"bytes"
	"strconv"

	"github.com/vendgate/vendgate/meterproto"
)

// fill finds in the registers what a reading names: the first volume is what the
// meter counts, for its maker puts it there.
func fill(r *meterproto.Reading) {
	for _, reg := range r.Registers {
		if reg.State != meterproto.Good || reg.Function != meterproto.Instantaneous || reg.Tariff != 0 || reg.Subunit != 0 {
			continue
		}
		switch {
		case reg.Kind == meterproto.OfVolume && reg.Storage == 0 && !r.Consumed.Valid:
			r.Consumed = reg.Litres()
		case reg.Kind == meterproto.OfVolume && reg.Storage == 1 && !r.Settled.Valid:
			r.Settled = reg.Litres()
		case reg.Kind == meterproto.OfInstant && reg.Storage == 0 && r.Time.IsZero():
			r.Time = reg.Time
		}
	}
}

// byDigits says of registers that are printed, as 0000123.456*m3, that they begin again after as many digits.
func byDigits(all []meterproto.Register) {
	for i := range all {
		reg := &all[i]
		if !reg.Kind.Counts() || reg.State != meterproto.Good {
			continue
		}
		number, _, _ := bytes.Cut(reg.Raw, []byte("*"))
		digits := bytes.Replace(number, []byte("."), nil, 1)
		if n, err := strconv.ParseInt(string(digits), 10, 64); err == nil && n == reg.Value.Digits {
			reg.Span = meterproto.SpanOfDigits(len(digits))
		}
	}
}
