package gateway

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/meterproto"
)

// ErrGaveWay is that a line was left to a customer who waits for it: see GivingWay.
var ErrGaveWay = errors.New("a customer waits for the line")

// GivingWay is the line of a Bus for one job that can be cut short between any two requests, and is, once a customer waits.
type GivingWay struct {
	*counted
	bus  *Bus
	gave bool
}

// GivingWay is the line for what Do does, in the place of the one that it is given: as soon as a job of priority Customer waits no more
// request goes out over it. Exchange fails with ErrGaveWay from then on, before a byte is sent.
func (b *Bus) GivingWay() *GivingWay { return &GivingWay{counted: b.line, bus: b} }

// Exchange is the line's, while no customer waits.
func (g *GivingWay) Exchange(ctx context.Context, request []byte, t meterproto.Timing,
	accept func(stream []byte) (rest []byte, done bool),
) error {
	if g.gave = g.gave || g.bus.customers.Load() > 0; g.gave {
		return ErrGaveWay
	}
	return g.counted.Exchange(ctx, request, t, accept)
}

// Gave says whether the line was left to a customer, whatever became of the error.
func (g *GivingWay) Gave() bool { return g.gave }
