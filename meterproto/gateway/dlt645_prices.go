package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vendgate/vendgate/meterproto"
	"github.com/vendgate/vendgate/meterproto/dlt645"
)

// SetPrices writes a price list into the set that is not in force, reads it back, and has the meter change over at p.From,
// or within three minutes. Nothing that is in force is written, and while the other set is, no change is due: wherever it
// is cut, the meter charges the old prices or the new ones. Done says that the meter will change over; Prices is the proof
// that it has. The same list again begins where the last one was cut.
//
// A list of several steps needs a meter whose ladder has room for them: the number of its steps is of both sets at once, so
// it is not changed here. Prices are whole fen, steps multiples of 10 Wh; anything else is refused before a byte is sent.
func (d DLT645) SetPrices(ctx context.Context, line Line, meter string, p meterproto.Prices) meterproto.Result {
	a, err := d.one(meter)
	if err != nil {
		return refused(err)
	}
	if err := priced(p); err != nil {
		return refused(err)
	}
	if d.PriceAccess.Sealed() && d.Keys == nil {
		return refused(ErrNoKeys)
	}
	c := priceTalk{DLT645: d, line: line, meter: a}
	if err := c.findSets(ctx); err != nil {
		return result(fmt.Errorf("no price was sent: %w", err))
	}
	want, err := c.sets.hold(p)
	if err != nil {
		return refused(err)
	}
	return c.bring(ctx, want, p.From)
}

// Prices reads the price list that the meter charges by: of its ladder, or the one price of all its tariffs. It has no price where
// the meter charges what no list can say: tariffs that differ, or parts of a fen.
func (d DLT645) Prices(ctx context.Context, line Line, meter string) (meterproto.Prices, error) {
	a, err := d.one(meter)
	if err != nil {
		return meterproto.Prices{}, err
	}
	c := priceTalk{DLT645: d, line: line, meter: a}
	list, err := c.charged(ctx)
	if err != nil {
		return meterproto.Prices{}, fmt.Errorf("read the prices of meter %s: %w", meter, err)
	}
	return list, nil
}

// priceTalk is everything that stays the same while one meter is asked for its prices.
type priceTalk struct {
	DLT645
	line  Line
	meter dlt645.Address
	sets  priceSets
	plain bool // nothing but the sets decides what is charged

	session *dlt645.Session // for sealed writes, once one was needed
	sent    bool            // a write, whatever became of it
}

// charged is the list in the set that is in force.
func (c *priceTalk) charged(ctx context.Context) (list meterproto.Prices, err error) {
	if err := c.findSets(ctx); err != nil {
		return list, err
	}
	active, err := c.active(ctx)
	if err != nil {
		return list, err
	}
	held, err := c.held(ctx, active)
	if err != nil || !c.plain {
		return list, err
	}
	return c.sets.list(held), nil
}

// findSets finds out in which sets the meter has its prices: those of its ladder, where it has one.
func (c *priceTalk) findSets(ctx context.Context) error {
	n, err := c.counts(ctx)
	if err != nil {
		return err
	}
	c.sets, c.plain = tariffSets(n.tariffs), true
	if n.steps == 0 {
		return nil
	}
	if !c.LadderAlone {
		if c.plain, err = c.free(ctx); err != nil {
			return err
		}
	}
	c.sets = ladderSets(n.steps, c.LadderWithTariff)
	return nil
}

// priceCounts is how many steps the meter's ladder has, 0 where it has none, and how many tariffs the meter has.
type priceCounts struct{ steps, tariffs int }

// counts asks until two answers in a row agree: what is left out of a set would come into force as it is. The one is asked between two
// questions for the other, for a refusal does not name what it refuses, and one that is late would be taken for the second.
func (c *priceTalk) counts(ctx context.Context) (n priceCounts, err error) {
	was, err := c.count(ctx)
	for try := 0; err == nil && try < agreeTries; try++ {
		if n, err = c.count(ctx); err == nil && n == was {
			return n, nil
		}
		was = n
	}
	return n, cmp.Or(err, fmt.Errorf("%w: how many prices the meter has", meterproto.ErrDisagree))
}

// count asks once.
func (c *priceTalk) count(ctx context.Context) (n priceCounts, err error) {
	if n.steps, err = c.number(ctx, ladderSteps); err != nil && !errors.Is(err, dlt645.ErrNoData) {
		return n, err
	}
	n.tariffs, err = c.number(ctx, tariffCount)
	return n, err
}

// free reports whether the tariffs cost nothing, in both sets: a meter may add what they cost to what its ladder says.
func (c *priceTalk) free(ctx context.Context) (bool, error) {
	for which := range 2 {
		tariffs, err := c.held(ctx, which)
		if err != nil {
			return false, err
		}
		if slices.Max(tariffs.price) > 0 {
			return false, nil
		}
	}
	return true, nil
}

// bring brings what is wanted into the spare set, and then the spare set into force.
func (c *priceTalk) bring(ctx context.Context, want held, from time.Time) meterproto.Result {
	if !c.plain {
		return refused(errAdded)
	}
	switch there, err := c.there(ctx, want, from); {
	case err != nil:
		return result(fmt.Errorf("no price was sent: %w", err))
	case there:
		return meterproto.Result{Outcome: meterproto.Already}
	}
	spare, err := c.fill(ctx, want)
	var now priceState
	if err == nil {
		now, err = c.still(ctx, 1-spare)
	}
	if errors.Is(err, ErrUnsealed) && !c.sent {
		return refused(fmt.Errorf("no price was sent: %w", err))
	}
	if err != nil {
		return result(fmt.Errorf("no price was put into force: %w", err))
	}
	return result(c.write(ctx, c.sets.change, instant(now.change(from))))
}

// there reports whether nothing is to be done: what is wanted is in force and stays there, or comes into force as soon as it would if the
// change were ordered now.
func (c *priceTalk) there(ctx context.Context, want held, from time.Time) (bool, error) {
	var is [2]bool
	for which := range is {
		h, err := c.held(ctx, which)
		if err != nil {
			return false, err
		}
		is[which] = h.same(want)
	}
	if is[0] == is[1] {
		return is[0], nil
	}
	now, err := c.state(ctx)
	switch {
	case err != nil:
		return false, err
	case !now.pending():
		return is[now.active], nil
	}
	return !now.due.After(now.change(from)) && is[1-now.active], nil
}

// fill brings what is wanted into the spare set, and returns which that is. Before that it sees to it that the sets do not change over
// meanwhile.
func (c *priceTalk) fill(ctx context.Context, want held) (spare int, err error) {
	if err := c.write(ctx, c.sets.change, instant(never())); err != nil {
		return 0, err
	}
	now, err := c.state(ctx)
	if err != nil {
		return 0, err
	}
	if !now.due.Equal(never()) {
		return 0, fmt.Errorf("%w: the sets are to change over at %v still", meterproto.ErrGarbage, now.due)
	}
	spare = 1 - now.active
	is, err := c.held(ctx, spare)
	if err != nil {
		return 0, err
	}
	if err := c.writeSet(ctx, spare, is, want); err != nil {
		return 0, err
	}
	if is, err = c.held(ctx, spare); err != nil || !is.same(want) {
		return 0, cmp.Or(err, fmt.Errorf("%w: the meter shows other prices than it was told", meterproto.ErrGarbage))
	}
	return spare, nil
}

// still is how the sets stand where this one is in force yet, and no change is due; an error where that is not so.
func (c *priceTalk) still(ctx context.Context, active int) (priceState, error) {
	now, err := c.state(ctx)
	if err == nil && (now.active != active || !now.due.Equal(never())) {
		err = fmt.Errorf("%w: the sets have changed over, or are to, and nobody told the meter to", meterproto.ErrGarbage)
	}
	return now, err
}

// writeSet writes what is not there yet, value by value.
func (c *priceTalk) writeSet(ctx context.Context, which int, is, want held) error {
	for i, wh10 := range want.upto {
		if is.upto[i] != wh10 {
			if err := c.write(ctx, c.sets.upto[which]+uint32(i)+1, energy(wh10)); err != nil {
				return err
			}
		}
	}
	for i, price := range want.price {
		if is.price[i] != price {
			if err := c.write(ctx, c.sets.price[which]+uint32(i)+1, yuan(price)); err != nil {
				return err
			}
		}
	}
	return nil
}
