package gateway

import (
	"context"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// sequences is after how many purchases a meter's count begins anew (§3, §4).
const sequences = 256

// TopUp sends a purchase (A013), once. The meter repeats what it took; an answer
// that repeats something else proves nothing. A refusal does not say of what: a
// meter may refuse an order that it has taken before, so ask it ([CJT188.Taken]).
func (d CJT188) TopUp(ctx context.Context, line Line, address string, o meterproto.Order) meterproto.Result {
	amount, err := d.hundredths(o)
	if err != nil {
		return refused(err)
	}
	order := cjt188.Purchase{Sequence: byte(o.Count % sequences), Amount: amount}
	return d.write(ctx, line, address, cjt188.WriteData, cjt188.DIPurchase, &order, func(c cjt188.Content) error {
		if took, ok := c.Message.(*cjt188.Purchase); !ok || *took != order {
			return fmt.Errorf("%w: the meter repeats another purchase than %d", meterproto.ErrStale, o.Count)
		}
		return nil
	})
}

// hundredths is the order's amount as it is sent: hundredths of a yuan or of a cubic metre.
func (d CJT188) hundredths(o meterproto.Order) (cjt188.Digits, error) {
	unit, step := d.counts()
	const most = 99_999_998 // 99999999 is no value
	switch {
	case step == 0:
		return cjt188.Digits{}, ErrNotPrepaid
	case o.Unit != unit:
		return cjt188.Digits{}, fmt.Errorf("an order in %v to a meter that counts %v", o.Unit, unit)
	case o.Amount <= 0 || o.Amount/step > most:
		return cjt188.Digits{}, fmt.Errorf("an order of %d %v: want %d to %d", o.Amount, unit, step, most*step)
	case o.Amount%step != 0:
		return cjt188.Digits{}, fmt.Errorf("an order of %d %v: the meter takes multiples of %d", o.Amount, unit, step)
	}
	return cjt188.Digits{Hundredths: uint32(o.Amount / step), Valid: true}, nil
}

// counts is what the meter counts its credit in, and how much the last digit is.
func (d CJT188) counts() (u meterproto.CreditUnit, step int64) {
	switch d.Credit {
	case cjt188.CreditMoney:
		return meterproto.CreditFen, 1
	case cjt188.CreditVolume:
		return meterproto.CreditLitres, 10
	}
	return 0, 0
}

// Taken asks what the meter has taken (8105).
func (d CJT188) Taken(ctx context.Context, line Line, address string) (meterproto.Taken, error) {
	c, err := d.talk(line, address)
	if err != nil {
		return meterproto.Taken{}, err
	}
	unit, step := d.counts()
	if step == 0 {
		return meterproto.Taken{}, ErrNotPrepaid
	}
	content, err := c.purchases(ctx)
	if err != nil {
		return meterproto.Taken{}, err
	}
	p, ok := content.Message.(*cjt188.Purchases)
	if !ok {
		return meterproto.Taken{}, fmt.Errorf("%w: %T are no purchases", meterproto.ErrLayout, content.Message)
	}
	credit := func(d cjt188.Digits) meterproto.Credit {
		return meterproto.Credit{N: int64(d.Hundredths) * step, Unit: unit, Resolution: step, Valid: d.Valid}
	}
	return meterproto.Taken{Meter: c.meter.String(), Count: uint32(p.Sequence), Modulus: sequences,
		Last: credit(p.Last), Total: credit(p.Total), Remaining: credit(p.Remaining)}, nil
}
