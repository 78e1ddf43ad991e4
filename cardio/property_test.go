package cardio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/fixtures/cardsim"
	"github.com/vendgate/vendgate/fixtures/metersim"
)

// customer is the model: a ledger that knows what was paid and proved, one
// pending order at most, one card, one meter.
type customer struct {
	*bench
	chip    *cardsim.Card
	meter   *metersim.Meter
	count   uint32
	total   int64
	last    int64 // credit of the last order
	pending *cardio.Order
}

// effects are the ways in which a command can go wrong.
func effects(t *rapid.T) cardsim.Effect {
	tear := cardsim.Tear(rapid.IntRange(0, 130).Draw(t, "k"), cardsim.Rest(rapid.Bool().Draw(t, "erased")))
	return rapid.SampledFrom([]cardsim.Effect{
		tear, tear, tear, cardsim.FailBefore(), cardsim.LoseAnswer(), cardsim.Short(0), cardsim.PullBefore(), cardsim.PullAfter(),
	}).Draw(t, "effect")
}

// fault sets up at most one fault for the next dozen commands.
func (c *customer) fault(t *rapid.T) {
	if rapid.Bool().Draw(t, "cut") {
		c.slot.Inject(cardsim.Nth(rapid.IntRange(0, 11).Draw(t, "command")), effects(t))
	}
}

func (c *customer) buy(t *rapid.T) {
	if c.pending == nil {
		credit := rapid.Int64Range(1, 1<<20).Draw(t, "credit")
		c.pending = &cardio.Order{Purchase: uuid.New(), Count: c.count + 1, Credit: credit, Total: c.total + credit}
	}
	c.load(t)
}

// giveBack takes the last purchase back; whether the meter has taken it is for Load to
// see. A card whose meter was cut off before it wrote back cannot tell (DESIGN.md).
func (c *customer) giveBack(t *rapid.T) {
	taken := c.meter.Snapshot().Loaded
	if contents, err := c.truth(); err != nil || contents.WriteBack == nil != (taken == 0) || contents.WriteBack != nil && contents.WriteBack.Loaded != taken {
		return
	}
	if c.pending == nil && c.last > 0 {
		c.pending = &cardio.Order{Purchase: uuid.New(), Count: c.count + 1, Credit: -c.last, Total: c.total - c.last}
		c.load(t)
	}
}

// load brings the pending order onto the card, or tries to.
func (c *customer) load(t *rapid.T) {
	c.fault(t)
	card, err := c.Present(context.Background())
	if err != nil {
		return // nothing was asked of the card: the order stays pending
	}
	verdict, err := card.Load(*c.pending)
	_ = card.Close()
	switch {
	case (verdict == cardio.Loaded) != (err == nil):
		t.Fatalf("%v with %v", verdict, err)
	case verdict == cardio.Loaded:
		c.count, c.total, c.last, c.pending = c.pending.Count, c.pending.Total, c.pending.Credit, nil
	case verdict == cardio.Untouched && errors.Is(err, cardio.ErrOrderNotValid):
		c.pending = nil // the meter was quicker
	case verdict == cardio.Untouched && rapid.Bool().Draw(t, "void"):
		c.pending = nil // the money stays the customer's advance
	}
}

func (c *customer) drive(t *rapid.T) {
	if c.pending == nil || c.pending.Credit > 0 {
		c.fault(t)
	} else { // the meter is not cut off while credit is being taken back: the limit that DESIGN.md names
		c.slot.Pull()
		c.slot = cardsim.NewSlot("meter")
		c.Reader = c.slot
		c.slot.Insert(c.chip)
	}
	link, err := c.slot.Connect(context.Background())
	if err != nil {
		return
	}
	_ = c.meter.Insert(link) // an error says that the customer has to try again
	_ = link.Close()
	if _, err := c.meter.Burn(rapid.Int64Range(0, 1<<19).Draw(t, "burn")); err != nil {
		t.Fatal(err)
	}
}

// check holds card and meter against the ledger.
func (c *customer) check(t *rapid.T) {
	contents, err := c.truth()
	if err != nil {
		t.Fatalf("the card cannot be read: %v", err)
	}
	p, s := contents.Purse, c.meter.Snapshot()
	old := p.Count == c.count && p.Total == c.total
	if !old && (c.pending == nil || cardio.Judge(p, *c.pending) != cardio.Loaded) {
		t.Fatalf("the ledger has count %d, total %d, pending %+v; the card %+v", c.count, c.total, c.pending, p)
	}
	if s.Loaded > p.Total || s.Remaining() < 0 {
		t.Fatalf("the meter took %d, burnt %d; the card has %d", s.Loaded, s.Consumed, p.Total)
	}
	if w := contents.WriteBack; w != nil && w.Loaded > s.Loaded {
		t.Fatalf("the card says of the meter %+v, it has %+v", w, s)
	}
}

// truth reads the card without faults, in a slot of its own.
func (c *customer) truth() (cardio.Contents, error) {
	c.slot.Pull()
	aside := cardsim.NewSlot("aside")
	aside.Insert(c.chip)
	terminal := &cardio.Terminal{Reader: aside, Keys: c.Keys, Utility: utility}
	card, err := terminal.Present(context.Background())
	if err != nil {
		return cardio.Contents{}, err
	}
	contents, err := card.Contents(), card.Close()
	aside.Pull()
	c.slot.Insert(c.chip)
	return contents, err
}

// TestLedgerCardAndMeterAgree plays random lives of a customer. At the end, with
// no more faults, everything that was paid for is in the meter.
func TestLedgerCardAndMeterAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := newBench(t)
		m, err := metersim.New(metersim.Config{
			Number: meter, Keys: b.Keys, Utility: utility, Unit: cardio.Litre, Start: time.Unix(1_700_000_000, 0),
		})
		if err != nil {
			rt.Fatal(err)
		}
		c := &customer{bench: b, chip: b.issued(1), meter: m}
		rt.Repeat(map[string]func(*rapid.T){"buy": c.buy, "give back": c.giveBack, "drive": c.drive, "": c.check})
		c.end(rt)
	})
}

// end settles what is pending and drives home.
func (c *customer) end(t *rapid.T) {
	c.slot = cardsim.NewSlot("end")
	c.Reader = c.slot
	c.slot.Insert(c.chip)
	if c.pending != nil {
		card := c.present()
		switch v, err := card.Load(*c.pending); {
		case v == cardio.Loaded:
			c.total = c.pending.Total
		case v != cardio.Untouched || c.pending.Credit > 0:
			t.Fatalf("%v, %v", v, err)
		}
		_ = card.Close()
	}
	link, err := c.slot.Connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	if err := c.meter.Insert(link); err != nil {
		t.Fatal(err)
	}
	if got := c.meter.Snapshot().Loaded; got != c.total {
		t.Fatalf("paid for %d, the meter has %d", c.total, got)
	}
}
