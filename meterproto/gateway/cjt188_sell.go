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
	if !d.Credit.Known() {
		return refused(ErrNotPrepaid)
	}
	amount, err := d.Credit.Digits(o.Amount, o.Unit)
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

// Taken asks what the meter has taken (8105).
func (d CJT188) Taken(ctx context.Context, line Line, address string) (meterproto.Taken, error) {
	c, err := d.talk(line, address)
	if err != nil {
		return meterproto.Taken{}, err
	}
	if !d.Credit.Known() {
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
	return meterproto.Taken{Meter: c.meter.String(), Count: uint32(p.Sequence), Modulus: sequences, Step: d.Credit.Step(),
		Last: d.Credit.Amount(p.Last), Total: d.Credit.Amount(p.Total), Remaining: d.Credit.Amount(p.Remaining)}, nil
}
