package gateway

import (
	"context"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/cjt188"
)

// Read asks the meter with this address (14 digits; 14 times A asks whichever
// meter is alone on the line) for its register and, where d.Credit says what
// they are counted in, its purchases.
//
// Errors wrap one of meterproto's sentinels or the context's error; other errors
// are wrong arguments, found before a byte is sent. Where the register was read
// and the purchases were not, the reading with the register comes with the error.
func (d CJT188) Read(ctx context.Context, line Line, address string) (meterproto.Reading, error) {
	c, err := newConversation(line, address, d)
	if err != nil {
		return meterproto.Reading{}, err
	}
	flow, err := ask(ctx, c, cjt188.DIFlow, cjt188.DecodeFlow)
	if err != nil {
		return meterproto.Reading{}, fmt.Errorf("read the register of meter %s: %w", address, err)
	}
	reading, err := readingOf(flow)
	if err != nil {
		return meterproto.Reading{}, err
	}
	reading.Meter = c.meter.String()
	if d.Credit == 0 {
		return reading, nil
	}
	bought, err := ask(ctx, c, cjt188.DIPurchases, cjt188.DecodePurchases)
	if err != nil {
		return reading, fmt.Errorf("read the purchases of meter %s: %w", reading.Meter, err)
	}
	return withPurchases(reading, bought, d.Credit)
}

// readingOf is the register's part of a reading.
func readingOf(f cjt188.Flow) (meterproto.Reading, error) {
	consumed, err := f.Current.Volume()
	if err != nil {
		return meterproto.Reading{}, err
	}
	settled, err := f.Settled.Volume()
	if err != nil {
		return meterproto.Reading{}, err
	}
	return meterproto.Reading{
		Time:       f.Time,
		Consumed:   consumed,
		Settled:    settled,
		ValveOpen:  f.Status.ValveIsOpen(),
		BatteryLow: f.Status.BatteryLow(),
	}, nil
}

// withPurchases adds the second answer. Its status is the later one.
func withPurchases(r meterproto.Reading, p cjt188.Purchases, c cjt188.Credit) (meterproto.Reading, error) {
	volumes, err := p.Volumes(c)
	if err != nil {
		return r, err
	}
	r.Purchases = &volumes
	r.ValveOpen = p.Status.ValveIsOpen()
	r.BatteryLow = p.Status.BatteryLow()
	return r, nil
}
