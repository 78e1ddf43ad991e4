package intake

import (
	"context"
	"errors"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// SetTime sets the meter's clock, once. Its errors are as Send's; Clock is the proof.
func (w *Wire) SetTime(ctx context.Context, t time.Time) error {
	setter, ok := w.Driver.(gateway.ClockSetter)
	if !ok {
		return vending.ErrNotSettable.With("Meter", w.Meter)
	}
	return w.obeys(setter.SetTime(ctx, w.Line, w.Address, t))
}

// Clock is the meter's clock; zero where it is not set.
func (w *Wire) Clock(ctx context.Context) (time.Time, error) {
	r, err := w.Driver.Read(ctx, w.Line, w.Address)
	return r.Time, err
}

// SetBase puts the meter's register, in litres (RULES D6). Its errors are as Send's; Register is the proof.
func (w *Wire) SetBase(ctx context.Context, litres int64) error {
	setter, ok := w.Driver.(gateway.BaseSetter)
	if !ok {
		return vending.ErrNotSettable.With("Meter", w.Meter)
	}
	return w.obeys(setter.SetBase(ctx, w.Line, w.Address, litres))
}

// Register is where the meter's register stands, in litres; known is false where it says no value.
func (w *Wire) Register(ctx context.Context) (litres int64, known bool, err error) {
	r, err := w.Driver.Read(ctx, w.Line, w.Address)
	return r.Consumed.Litres, r.Consumed.Valid, err
}

// obeys is nil where a command has happened, and vending.ErrMeterDeclined where it certainly has not. Where that is because it has not
// left us, it is vending.ErrNotSent, too: that says nothing of one that went out before.
func (w *Wire) obeys(r meterproto.Result) error {
	if r.Outcome != meterproto.Refused {
		return r.Err()
	}
	declined := errors.Join(vending.ErrMeterDeclined.With("Meter", w.Meter), r.Reason)
	stranger := errors.Is(r.Reason, gateway.ErrKeys) || errors.Is(r.Reason, dlt645.ErrPassword)
	if errors.Is(r.Reason, meterproto.ErrAbnormal) && !stranger { // who does not believe us was not asked yet
		return declined
	}
	return errors.Join(vending.ErrNotSent.With("Meter", w.Meter), declined)
}
