package cjt188

import "time"

// Flow is the answer to DI 901F of a water or gas meter (T 10–19 and 30–49), L =
// 16H: the register now, the register on the settlement day, the clock and the
// status.
type Flow struct {
	Current Quantity
	Settled Quantity
	Time    time.Time // UTC; zero where the clock is not set
	Status  Status
}

func (f *Flow) walk(w *walker) {
	w.quantity(&currentFlow, &f.Current)
	w.quantity(&settledFlow, &f.Settled)
	w.time(&clock, &f.Time)
	w.status(&status, &f.Status)
}

// AppendTo appends the values as they follow DI DI SER. It fails, and returns
// dst unchanged, where a value does not fit its field.
func (f Flow) AppendTo(dst []byte) ([]byte, error) { return AppendValues(dst, &f, Layout{}) }
