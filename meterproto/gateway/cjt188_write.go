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

// SetPrices sends a price list (A010): one to three prices, in fen. Fewer are
// filled up with the last one.
func (d CJT188) SetPrices(ctx context.Context, line Line, address string, p meterproto.Prices) meterproto.Result {
	list, err := pricesOf(p)
	if err != nil {
		return refused(err)
	}
	return d.write(ctx, line, address, cjt188.WriteData, cjt188.DISetPrices, list, nil)
}

func pricesOf(p meterproto.Prices) (*cjt188.NewPrices, error) {
	const most = 999_998 // 999999 is no value
	n := len(p.Fen)
	if n < 1 || n > 3 || len(p.Upto) != n-1 || p.FromDay < 1 || p.FromDay > 31 {
		return nil, fmt.Errorf("%d prices with %d steps from day %d: want one to three, a step between each two, a day of the month",
			n, len(p.Upto), p.FromDay)
	}
	fen, upto := [3]cjt188.Digits{}, [2]cjt188.Count{{N: most, Valid: true}, {N: most, Valid: true}}
	for i := range fen {
		price := p.Fen[min(i, n-1)]
		if price < 0 || price > most {
			return nil, fmt.Errorf("a price of %d fen: want 0 to %d", price, most)
		}
		fen[i] = cjt188.Digits{Hundredths: uint32(price), Valid: true}
	}
	for i, step := range p.Upto {
		if step < 0 || step > most || i > 0 && step <= p.Upto[i-1] {
			return nil, fmt.Errorf("steps at %v: want them to rise, to at most %d", p.Upto, most)
		}
		upto[i].N = uint32(step)
	}
	return &cjt188.NewPrices{StartDay: byte(p.FromDay), Prices: cjt188.Prices{
		Price1: fen[0], Volume1: upto[0], Price2: fen[1], Volume2: upto[1], Price3: fen[2]}}, nil
}
