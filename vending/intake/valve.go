package intake

import (
	"context"

	"github.com/vendgate/vendgate/meterproto/gateway"
	"github.com/vendgate/vendgate/vending"
)

// Turn orders the valve open or shut, once. Its errors are as Send's; Stands is the proof.
func (w *Wire) Turn(ctx context.Context, open bool) error {
	shutter, ok := w.Driver.(gateway.Shutter)
	if !ok {
		return vending.ErrNoValve.With("Meter", w.Meter)
	}
	return w.obeys(shutter.SetValve(ctx, w.Line, w.Address, open))
}

// Stands is how the valve stands; known is false where the meter does not know.
func (w *Wire) Stands(ctx context.Context) (open, known bool, err error) {
	shutter, ok := w.Driver.(gateway.Shutter)
	if !ok {
		return false, false, vending.ErrNoValve.With("Meter", w.Meter)
	}
	stands, err := shutter.Valve(ctx, w.Line, w.Address)
	if err != nil || stands == nil {
		return false, false, err
	}
	return *stands, true, nil
}
