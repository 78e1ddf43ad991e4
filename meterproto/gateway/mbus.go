package gateway

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/mbus"
)

// mostParts is how many answers of one meter may follow each other (DIF 1F).
const mostParts = 8

// MBus is the Driver of wired M-Bus meters. A meter is named by its primary
// address, 0 to 250, or by its secondary one: eight digits, or 16 with maker,
// version and medium, where F stands for any.
type MBus struct {
	Timing meterproto.Timing // mbus.Timing of the line's rate
}

// mbusTalk is everything that stays the same while one meter is asked.
type mbusTalk struct {
	MBus
	line    Line
	primary byte           // Selected where the meter is called by its secondary address
	mask    mbus.Secondary // what its answers must match
}

// talk checks the arguments: nothing is sent where they are wrong.
func (d MBus) talk(line Line, meter string) (*mbusTalk, error) {
	t := &mbusTalk{MBus: d, line: line, primary: mbus.Selected, mask: mbus.Everyone()}
	if len(meter) < 8 {
		n, err := strconv.ParseUint(meter, 10, 8)
		if err != nil || byte(n) > mbus.MaxPrimary {
			return nil, fmt.Errorf("meter %q: want a primary address, 0 to %d, or a secondary one", meter, mbus.MaxPrimary)
		}
		t.primary = byte(n)
		return t, nil
	}
	var err error
	t.mask, err = mbus.ParseSecondary(meter)
	return t, err
}

// Read asks the meter for all it says by itself. The reading bears the name that
// was asked, or the whole secondary address where that was a mask. Errors are as
// Driver says; where a later part of the answer is missing, the reading with the
// parts before it comes with the error.
func (d MBus) Read(ctx context.Context, line Line, meter string) (meterproto.Reading, error) {
	t, err := d.talk(line, meter)
	if err != nil {
		return meterproto.Reading{}, err
	}
	if err := t.call(ctx); err != nil {
		return meterproto.Reading{}, fmt.Errorf("call meter %s: %w", meter, err)
	}
	reading, err := t.parts(ctx)
	if reading.Meter != "" && !strings.Contains(meter, "F") {
		reading.Meter = meter
	}
	if err != nil {
		err = fmt.Errorf("read meter %s: %w", meter, err)
	}
	return reading, err
}

// call makes the meter listen, its frame count forgotten.
func (t *mbusTalk) call(ctx context.Context) error {
	request, what := mbus.Initialise(t.primary), "reset"
	if t.primary == mbus.Selected {
		request, what = mbus.Select(t.mask), "selection"
	}
	_, err := retry(ctx, t.Timing, what, func() (mbus.Frame, error) { return t.exchange(ctx, request, mbus.Ack) })
	return err
}

// parts asks for data until the meter has no more. The frame count is turned for
// each part and kept for each repetition: so the meter repeats what was lost.
func (t *mbusTalk) parts(ctx context.Context) (whole meterproto.Reading, err error) {
	var before []byte
	fcb := true
	for part := range mostParts {
		f, err := retry(ctx, t.Timing, "data", func() (mbus.Frame, error) {
			f, err := t.exchange(ctx, mbus.RequestData(t.primary, fcb), mbus.Long)
			if err == nil && bytes.Equal(f.Data, before) {
				err = fmt.Errorf("%w: the part before comes again", meterproto.ErrStale)
			}
			return f, err
		})
		if err != nil {
			return whole, err
		}
		r, more, err := mbusReading(f)
		if err != nil {
			return whole, err
		}
		if part == 0 {
			whole = r
		} else {
			whole.Registers = append(whole.Registers, r.Registers...)
		}
		if !more {
			return whole, nil
		}
		before, fcb = f.Data, !fcb
	}
	return whole, fmt.Errorf("%w: more than %d parts", meterproto.ErrLayout, mostParts)
}

// mbusReading is what an answer says, and whether another will follow.
func mbusReading(f mbus.Frame) (r meterproto.Reading, more bool, err error) {
	if f.CI == mbus.FixedLow || f.CI == mbus.FixedHigh {
		x, err := mbus.DecodeFixed(f)
		if err != nil {
			return r, false, fmt.Errorf("%w: %w", meterproto.ErrLayout, err)
		}
		return x.Reading(), false, nil
	}
	answer, err := mbus.DecodeResponse(f)
	if err != nil {
		return r, false, fmt.Errorf("%w: %w", meterproto.ErrLayout, err)
	}
	if r, err = answer.Reading(); err != nil {
		return r, false, fmt.Errorf("%w: %w", meterproto.ErrLayout, err)
	}
	return r, answer.MoreFollow(), nil
}
