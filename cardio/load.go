package cardio

import (
	"errors"
	"fmt"
	"math"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/sam"
)

// maxLow bounds how many cards a Terminal remembers to leave alone.
const maxLow = 1024

// Load writes an order and proves what became of it. An order that is on the
// card already is Loaded without a byte written; one that fits neither what the
// card held nor the layout is ErrOrderNotValid without a byte written, and so is one
// that takes back what the meter, by its write-back, has or may have taken.
//
// The verdict rests on what was read: Loaded and Untouched on the read-back, or,
// where no write was handed to the link, on the reading before. A cause stands
// beside every verdict but Loaded. After InDoubt the card must be presented
// again.
func (c *Card) Load(o Order) (Verdict, error) {
	if c.lost != nil {
		return InDoubt, c.lost
	}
	if err := o.check(); err != nil {
		return Untouched, err
	}
	switch Judge(c.contents.Purse, o) {
	case Loaded:
		return Loaded, nil
	case InDoubt:
		return InDoubt, c.unfit(o)
	}
	if c.contents.taken(o) {
		return Untouched, fmt.Errorf("%w: what it takes back the meter has taken, or may have", ErrOrderNotValid)
	}
	before := c.Traffic().Written
	cause := c.write(o)
	return c.prove(o, cause, c.Traffic().Written > before)
}

// check holds an order against the layout, whatever is on the card.
func (o Order) check() error {
	switch {
	case o.Purchase == uuid.Nil:
		return fmt.Errorf("%w: it has no purchase id", ErrOrderNotValid)
	case o.Count == 0:
		return fmt.Errorf("%w: purchase counts start at 1", ErrOrderNotValid)
	case o.Credit == 0 || o.Total < o.shown() || o.Total > cardfile.MaxQuantity || o.Credit < o.Total-cardfile.MaxQuantity:
		return fmt.Errorf("%w: credit %d, total %d", ErrOrderNotValid, o.Credit, o.Total)
	}
	return nil
}

// unfit says why the order can neither be on the card nor be written.
func (c *Card) unfit(o Order) error {
	p := c.contents.Purse
	return fmt.Errorf("%w: it holds purchase count %d and total %d, the order is count %d, credit %d, total %d",
		ErrOrderNotValid, p.Count, p.Total, o.Count, o.Credit, o.Total)
}

// write puts the order into the older slot: authenticate, one UPDATE BINARY.
func (c *Card) write(o Order) error {
	if c.terminal.leavesAlone(c.uid) {
		return ErrAuthTriesLow
	}
	generation := c.contents.Purse.Generation
	if generation == math.MaxUint32 {
		return fmt.Errorf("%w: its generations are used up, issue a new card", ErrOrderNotValid)
	}
	next := cardfile.Purse{
		Generation: generation + 1, Count: o.Count, Credit: o.shown(), Total: o.Total, Purchase: o.Purchase,
	}
	slot := c.slot.Other()
	bytes, err := next.Encode(slot, c.binding)
	if err != nil {
		return fault(err)
	}
	keys, err := c.terminal.Keys.Card(c.contents.Identity.KeyVersion, c.uid)
	if err != nil {
		return fault(err)
	}
	if err := c.authenticate(keys.Vendor.Auth); err != nil {
		return err
	}
	return fault(c.chip.UpdateBinary(cardfile.VendorSFI, slot.Offset(), bytes, keys.Vendor.Message))
}

// authenticate wins the state in which the vendor's file can be written.
func (c *Card) authenticate(key *sam.Key) error {
	err := fault(c.chip.Authenticate(cardfile.VendorKey, key))
	if errors.Is(err, ErrAuthTriesLow) {
		c.terminal.leaveAlone(c.uid)
	}
	return err
}

// prove reads the card back and judges it. sent tells whether a write was
// handed to the link at all; the write's own outcome, cause, is never judged.
func (c *Card) prove(o Order, cause error, sent bool) (Verdict, error) {
	if !errors.Is(cause, ErrLinkDead) { // a dead link reads nothing
		err := c.reread()
		if err == nil {
			return c.judge(o, cause)
		}
		cause = errors.Join(cause, err)
	}
	if !sent {
		return Untouched, cause
	}
	c.lost = cause
	return InDoubt, cause
}

// judge asks the judge about the read-back and gives his verdict its cause.
func (c *Card) judge(o Order, cause error) (Verdict, error) {
	verdict := Judge(c.contents.Purse, o)
	switch {
	case verdict == Loaded:
		return Loaded, nil
	case verdict == InDoubt:
		c.lost = errors.Join(c.unfit(o), cause)
		return InDoubt, c.lost
	case cause == nil:
		cause = fmt.Errorf("%w: it answered done, and holds what it held", ErrCardRefused)
	}
	return Untouched, cause
}

// leavesAlone tells whether an earlier refusal left the card's key its last try.
func (t *Terminal) leavesAlone(uid UID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.low[uid]
}

// leaveAlone remembers such a card until the service is restarted, so that a
// customer who puts it in again and again does not lock it.
func (t *Terminal) leaveAlone(uid UID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.low == nil || len(t.low) == maxLow {
		t.low = make(map[UID]bool)
	}
	t.low[uid] = true
}
