package gateway

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// searchRetries is how often a silent probe is repeated: most are silent because
// nobody is there, and take as long as a meter may think each time.
const searchRetries = 1

// Search finds the meters of a line whose secondary address matches the mask, with
// at most limit probes: see mbus.Search.
func (d MBus) Search(ctx context.Context, line Line, mask mbus.Secondary, limit int) (mbus.Found, error) {
	d.Timing.Retries = min(d.Timing.Retries, searchRetries)
	return mbus.Search(mbusBus{ctx: ctx, driver: d, line: line}, mask, limit)
}

// mbusBus is a line as a search sees it.
type mbusBus struct {
	ctx    context.Context // of the search, which is one call
	driver MBus
	line   Line
}

// Probe selects, and asks whoever is selected for data. Several E5 at once may be
// garbage: whoever sent them is asked as well.
func (b mbusBus) Probe(mask mbus.Secondary) (mbus.Answer, mbus.Secondary, error) {
	t := &mbusTalk{MBus: b.driver, line: b.line, primary: mbus.Selected, mask: mask}
	err := t.call(b.ctx)
	var f mbus.Frame
	if err == nil || errors.Is(err, meterproto.ErrGarbage) {
		t.mask = mbus.Everyone()
		f, err = retry(b.ctx, t.Timing, "data", func() (mbus.Frame, error) {
			return t.exchange(b.ctx, mbus.RequestData(t.primary, true), mbus.Long)
		})
	}
	switch {
	case err == nil:
		return identity(f)
	case errors.Is(err, meterproto.ErrNoAnswer):
		return mbus.Silence, mbus.Secondary{}, nil
	case errors.Is(err, meterproto.ErrGarbage), errors.Is(err, meterproto.ErrAbnormal):
		return mbus.Collision, mbus.Secondary{}, nil
	}
	return mbus.Silence, mbus.Secondary{}, err
}

// identity is who sent an answer. One that does not say so cannot be told from a
// collision.
func identity(f mbus.Frame) (mbus.Answer, mbus.Secondary, error) {
	r, err := mbus.DecodeResponse(f)
	if err != nil || !r.Identified() {
		return mbus.Collision, mbus.Secondary{}, nil
	}
	return mbus.OneMeter, r.Header.Secondary, nil
}
