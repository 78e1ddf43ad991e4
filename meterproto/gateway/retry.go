package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// retry does a thing that changes nothing again, as often as the protocol allows
// where another try can help. If all fail, it returns the last error that says
// more than silence does.
func retry[T any](ctx context.Context, t meterproto.Timing, what string, once func() (T, error)) (T, error) {
	var told error
	for try := 0; ; try++ {
		v, err := once()
		if err == nil || !worthwhile(err) || ctx.Err() != nil {
			return v, err
		}
		if told == nil || !errors.Is(err, meterproto.ErrNoAnswer) {
			told = err
		}
		if try >= t.Retries {
			return v, fmt.Errorf("%d tries for %s: %w", try+1, what, told)
		}
	}
}

// worthwhile reports whether the same request may fare better the next time.
func worthwhile(err error) bool {
	return errors.Is(err, meterproto.ErrNoAnswer) || errors.Is(err, meterproto.ErrGarbage) ||
		errors.Is(err, meterproto.ErrWrongMeter) || errors.Is(err, meterproto.ErrStale)
}

// result is the outcome of a command that was sent once and ended in this error.
// Only a refusal of the meter is sure not to have happened.
func result(err error) meterproto.Result {
	switch {
	case err == nil:
		return meterproto.Result{Outcome: meterproto.Done}
	case errors.Is(err, meterproto.ErrAbnormal):
		return meterproto.Result{Outcome: meterproto.Refused, Reason: err}
	}
	return meterproto.Result{Reason: err}
}

// refused is the outcome of a command that was never sent.
func refused(why error) meterproto.Result {
	return meterproto.Result{Outcome: meterproto.Refused, Reason: why}
}
