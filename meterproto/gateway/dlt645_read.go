package gateway

import (
	"context"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// Read asks the meter with this number for d.Asks: 12 digits; fewer, and even, reach
// every meter that ends in them, and 12 times A whichever is alone on the line. What a
// meter says it does not have is left out, but for the first.
//
// Errors are as Driver says.
func (d DLT645) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	a, err := dlt645.ParseAddress(meter)
	if err != nil {
		return meterproto.Reading{}, err
	}
	var reading meterproto.Reading
	for i, di := range d.Asks {
		wild := a.Wild()
		var reply dlt645.Reply
		if reply, a, err = d.ask(ctx, line, a, di); err == nil && wild {
			reply, a, err = d.again(ctx, line, a, di)
		}
		if i > 0 && errors.Is(err, dlt645.ErrNoData) {
			continue
		}
		if err == nil {
			err = dlt645.AddTo(&reading, a, reply)
		}
		if err != nil {
			return reading, fmt.Errorf("read %v of meter %s: %w", di, meter, err)
		}
	}
	return reading, nil
}

// again asks whoever answered to a wildcard by its number: where two talk at once,
// one collision in some hundreds has a right sum of eight bits, and then the number is
// nobody's.
func (d DLT645) again(ctx context.Context, line Line, a dlt645.Address, di dlt645.DI) (dlt645.Reply, dlt645.Address, error) {
	reply, a, err := d.ask(ctx, line, a, di)
	if errors.Is(err, meterproto.ErrNoAnswer) {
		err = fmt.Errorf("%w: %v answered and is not there; is more than one meter on the line?", meterproto.ErrGarbage, a)
	}
	return reply, a, err
}
