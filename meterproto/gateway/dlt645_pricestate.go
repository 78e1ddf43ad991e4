package gateway

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// agreeTries bounds how often a meter is asked the same, until two answers in a row agree.
const agreeTries = 4

// priceState is how the sets stand at an instant of the meter's clock.
type priceState struct {
	active int       // the set that is in force, 0 or 1
	due    time.Time // when they change over; zero where no instant is set
	clock  time.Time
}

// pending reports whether the sets are to change over yet.
func (s priceState) pending() bool { return s.due.After(s.clock) && !s.due.Equal(never()) }

// change is when the sets are to change over: at from, or as soon as the meter still hears of it before.
func (s priceState) change(from time.Time) time.Time {
	at := s.clock.Add(changeAhead)
	if from.After(time.Now()) && from.After(at) { // by our clock: where the meter's is behind, what is in force for us is not in its future
		at = from
	}
	return at.UTC().Add(time.Minute - 1).Truncate(time.Minute)
}

// state is how the sets stand, once two answers in a row name the same set: one with a bit turned over passes a sum of eight bits now and
// then, and its spare set would be the one in force. When they change over, and the clock, are asked between the two: so nothing has
// changed over from the one answer to the other, and what is due after the clock did not before.
func (c *priceTalk) state(ctx context.Context) (s priceState, err error) {
	was, err := c.active(ctx)
	for try := 0; err == nil && try < agreeTries; try++ {
		if s, err = c.look(ctx); err == nil && s.active == was {
			return s, nil
		}
		was = s.active
	}
	return s, cmp.Or(err, fmt.Errorf("%w: which set of prices is in force", meterproto.ErrDisagree))
}

// look asks once; which set is in force comes last.
func (c *priceTalk) look(ctx context.Context) (s priceState, err error) {
	if s.due, err = c.due(ctx); err != nil {
		return s, err
	}
	if s.clock, err = c.clock(ctx, c.line, c.meter); err != nil {
		return s, err
	}
	s.active, err = c.active(ctx)
	return s, err
}

// active is what one answer says is in force, 0 or 1.
func (c *priceTalk) active(ctx context.Context) (int, error) {
	registers, err := c.registers(ctx, dlt645.StatusWord3)
	if err != nil {
		return 0, err
	}
	word, err := dlt645.DecodeStatus(registers[0].Raw)
	if err != nil || !word.Has(c.sets.second) {
		return 0, err
	}
	return 1, nil
}

// due is when the sets change over; zero where no instant is set.
func (c *priceTalk) due(ctx context.Context) (time.Time, error) {
	registers, err := c.registers(ctx, c.sets.change)
	if err != nil {
		return time.Time{}, err
	}
	return registers[0].Time, nil
}
