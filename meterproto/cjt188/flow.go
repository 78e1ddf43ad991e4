package cjt188

import "time"

// flowSize is the values' length of DI 901F, L = 16H (§3).
const flowSize = 2*quantitySize + timeSize + 2

// Flow is the answer to DI 901F of a water or gas meter (T 10–19 and 30–49):
// the register now, the register on the settlement day, the clock and the
// status.
type Flow struct {
	Current Quantity
	Settled Quantity
	Time    time.Time // UTC; zero where the clock is not set
	Status  Status
}

// AppendTo appends the values as they follow DI DI SER. It fails, and returns
// dst unchanged, where a value does not fit its field.
func (f Flow) AppendTo(dst []byte) ([]byte, error) {
	out, err := f.Current.appendTo(dst)
	if err != nil {
		return dst, err
	}
	if out, err = f.Settled.appendTo(out); err != nil {
		return dst, err
	}
	if out, err = appendTime(out, f.Time); err != nil {
		return dst, err
	}
	return append(out, f.Status[:]...), nil
}

// DecodeFlow reads the values of a reply. meterproto.ErrLayout means another
// length than 16H. Else the error joins a *FieldError for every field that is
// wrong; the other fields are good even then, the wrong ones have no value.
func DecodeFlow(values []byte) (Flow, error) {
	in, err := newFields(values, flowSize)
	if err != nil {
		return Flow{}, err
	}
	f := Flow{
		Current: in.quantity("current cumulative flow"),
		Settled: in.quantity("settlement-day cumulative flow"),
		Time:    in.time("time"),
		Status:  in.status(),
	}
	return f, in.err()
}
