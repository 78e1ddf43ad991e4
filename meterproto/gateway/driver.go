package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/vendgate/vendgate/meterproto"
)

// Line is a place where requests can be sent and answers heard: see link.Line.
// accept is shown all that came and was not used up; it returns what it wants to
// see again, and true once it has the answer.
type Line interface {
	Exchange(ctx context.Context, request []byte, t meterproto.Timing,
		accept func(stream []byte) (rest []byte, done bool)) error
}

// Speeder is a Line whose baud rate can change in the middle of a session
// (IEC 62056-21 mode C). 0 goes back to the rate at which the line was opened.
type Speeder interface {
	SetBaud(ctx context.Context, baud int) error
}

// Driver reads meters of one protocol, in the way of one model. A driver may be
// used for all meters of a line, by one goroutine at a time.
//
// Read asks the meter with this number. Errors wrap one of meterproto's sentinels
// or the context's error; other errors are wrong arguments, found before a byte is
// sent. A reading that comes with an error holds what was read before it.
type Driver interface {
	Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error)
}

// ErrNotPrepaid: the driver's meters take no orders, as it is set up.
var ErrNotPrepaid = errors.New("the meter is not prepaid")

// Seller is a Driver of prepaid meters. TopUp sends an order once and never
// repeats it by itself; whatever it says, Taken is the proof. Both fail with
// ErrNotPrepaid before a byte is sent.
type Seller interface {
	TopUp(ctx context.Context, line Line, meter string, o meterproto.Order) meterproto.Result
	Taken(ctx context.Context, line Line, meter string) (meterproto.Taken, error)
}

// Shutter is a Driver of meters with a valve or a relay. Valve reads how it
// stands; nil where the meter does not know.
type Shutter interface {
	SetValve(ctx context.Context, line Line, meter string, open bool) meterproto.Result
	Valve(ctx context.Context, line Line, meter string) (open *bool, err error)
}

// ClockSetter is a Driver of meters whose clock can be set.
type ClockSetter interface {
	SetTime(ctx context.Context, line Line, meter string, t time.Time) meterproto.Result
}

// Pricer is a Driver of meters that hold a price list. SetPrices sends it once;
// whatever it says, Prices is the proof: the list that the meter charges by. It
// does not say From.
type Pricer interface {
	SetPrices(ctx context.Context, line Line, meter string, p meterproto.Prices) meterproto.Result
	Prices(ctx context.Context, line Line, meter string) (meterproto.Prices, error)
}

// BaseSetter is a Driver of meters whose electronic register can be put to where
// the mechanical one stands, in litres (RULES D6).
type BaseSetter interface {
	SetBase(ctx context.Context, line Line, meter string, litres int64) meterproto.Result
}
