package gateway

import (
	"context"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// write sends a command once. prove looks at the answer; nil takes any that the
// meter sent in its name.
func (d CJT188) write(ctx context.Context, line Line, address string, control cjt188.Control, di cjt188.DI,
	m cjt188.Message, prove func(cjt188.Content) error,
) meterproto.Result {
	c, err := d.talk(line, address)
	if err != nil {
		return refused(err)
	}
	if c.meter == cjt188.AnyMeter() {
		return refused(fmt.Errorf("a command needs the number of a meter: AA… reaches whoever is there"))
	}
	values, err := cjt188.AppendValues(nil, m, d.Layout)
	if err != nil {
		return refused(err)
	}
	answer, err := c.exchange(ctx, control, di, values)
	if err == nil && prove != nil {
		err = prove(answer)
	}
	return result(err)
}

// SetValve opens or shuts the valve (A017). The status in the answer is that of
// before, at some meters, for a valve takes seconds: Valve is the proof.
func (d CJT188) SetValve(ctx context.Context, line Line, address string, open bool) meterproto.Result {
	op := cjt188.CloseValve
	if open {
		op = cjt188.OpenValve
	}
	return d.write(ctx, line, address, cjt188.WriteData, cjt188.DISetValve, &op, nil)
}

// Valve reads how the valve stands, from the status of the register.
func (d CJT188) Valve(ctx context.Context, line Line, address string) (open *bool, err error) {
	d.Credit = 0
	r, err := d.Read(ctx, line, address)
	return r.ValveOpen, err
}

// SetTime sets the clock (A015), to the second.
func (d CJT188) SetTime(ctx context.Context, line Line, address string, t time.Time) meterproto.Result {
	return d.write(ctx, line, address, cjt188.WriteData, cjt188.DISetTime, &cjt188.Clock{Time: t}, nil)
}

// SetBase puts the register (A016), in hundredths of a cubic metre.
func (d CJT188) SetBase(ctx context.Context, line Line, address string, litres int64) meterproto.Result {
	if litres < 0 || litres%10 != 0 || litres/10 >= 99_999_999 {
		return refused(fmt.Errorf("a register of %d L: want multiples of 10, below 999999990", litres))
	}
	base := cjt188.Base{Register: cjt188.Quantity{
		Digits: cjt188.Digits{Hundredths: uint32(litres / 10), Valid: true}, Unit: cjt188.CubicMetre}}
	return d.write(ctx, line, address, cjt188.WriteSync, cjt188.DISetBase, &base, nil)
}
