package cardio

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

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
	if c.contents.Rule == 0 {
		return Untouched, ErrReadOnly
	}
	switch Judge(c.contents.Purse, o) {
	case Loaded:
		return Loaded, nil
	case InDoubt:
		return InDoubt, c.unfit(o)
	}
	if err := c.contents.allows(o); err != nil {
		return Untouched, err
	}
	if o.Credit < 0 && c.held.Back() == 0 {
		return Untouched, fmt.Errorf("%w: its meter writes nothing back, so it may have taken what is to be taken back", ErrOrderNotValid)
	}
	before := c.channel.Traffic().Written
	cause := c.write(o)
	return c.prove(o, cause, c.channel.Traffic().Written > before)
}

// check holds an order against the layout, whatever is on the card.
func (o Order) check() error {
	switch {
	case o.Purchase == uuid.Nil:
		return fmt.Errorf("%w: it has no purchase id", ErrOrderNotValid)
	case o.Count == 0:
		return fmt.Errorf("%w: purchase counts start at 1", ErrOrderNotValid)
	case o.Credit == 0 || o.Total < o.shown() || o.Total > MaxTotal || o.Credit < o.Total-MaxTotal:
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

// write plans the order, keeps the plan where the layout wants that, and puts it onto the card.
func (c *Card) write(o Order) error {
	plan, err := c.layout.Plan(c.held, orderOf(o))
	if err != nil {
		return fault(err)
	}
	if c.terminal.spared().has(c.ours()) {
		return ErrAuthTriesLow
	}
	if c.hasPurse() {
		return c.credit(plan)
	}
	if err := c.still(); err != nil {
		return err
	}
	if err := c.begin(plan); err != nil {
		return err
	}
	c.plan = plan
	return c.put(plan.Writes)
}

// put unlocks the card and makes some writes in their order.
func (c *Card) put(writes []cardfile.Write) error {
	if c.terminal.spared().has(c.ours()) {
		return ErrAuthTriesLow
	}
	keys, err := c.keyring()
	if err != nil {
		return fault(err)
	}
	return c.putWith(writes, keys)
}

// putWith is put for a card that those keys open.
func (c *Card) putWith(writes []cardfile.Write, keys keyring) error {
	if err := c.unlock(writes, keys); err != nil {
		return err
	}
	for _, w := range writes {
		if err := c.medium.write(c.layout, w, keys); err != nil {
			if stops(err) {
				c.terminal.spared().add(c.ours())
			}
			return fault(err)
		}
	}
	return nil
}

// keyring is what opens the card that was identified.
func (c *Card) keyring() (k keyring, err error) {
	id, version := c.contents.Identity, c.contents.Identity.KeyVersion
	if !c.layout.Holds(cardfile.KeyVersion) {
		version = c.terminal.Keys.Current()
	}
	if m, ok := c.medium.(*memory); ok {
		return keyring{code: c.terminal.code(version, m.owner(id.UID))}, nil
	}
	keys, err := c.terminal.Keys.Card(version, c.uid)
	return keyring{vendor: keys.Vendor}, err
}

// still demands that the card in the reader is the one that was read: ErrOtherCard. Before it is presented a code and
// written somebody took money, and another card may have been put in. A chip with a number of its
// own is not asked: its keys come from that number, and another card takes none of them. All others have the utility's codes,
// or none, or would lose a try of theirs.
func (c *Card) still() error {
	if c.uid != (UID{}) {
		return nil
	}
	written := c.layout.Written()
	now, err := c.medium.read(c.layout, func(area string) bool { return written[area] })
	if err != nil {
		return fault(err)
	}
	for area, b := range now {
		if !bytes.Equal(b, c.image[area]) {
			return fmt.Errorf("%w: it is not as it was read", ErrOtherCard)
		}
	}
	return nil
}

// unlock wins the state in which the card can be written. Where a code was refused the same again would cost the next
// try, so the card is left alone; unless it was another card that refused it, or a chip that counts none: MIFARE
// refuses a right key when the card is lifted.
func (c *Card) unlock(writes []cardfile.Write, keys keyring) error {
	err := fault(c.medium.unlock(c.layout, writes, keys))
	if !errors.Is(err, ErrAuthTriesLow) && !errors.Is(err, ErrCode) {
		return err
	}
	if !c.counts() {
		return fmt.Errorf("%w: %v", ErrCardRefused, err)
	}
	if _, other := c.reread(); errors.Is(other, ErrOtherCard) {
		return fmt.Errorf("%w: %v", other, err)
	}
	c.terminal.spared().add(c.ours())
	return err
}

// counts tells whether the chip counts the tries of a secret. Of memory chips those do that have no number.
func (c *Card) counts() bool {
	m, ok := c.medium.(*memory)
	return !ok || !m.numbered()
}

// prove reads the card back and judges it. sent tells whether a write was
// handed to the link at all, as the channel counted: no error can tell that, as what comes before a write fails in the
// same ways. The write's own outcome, cause, is never judged.
func (c *Card) prove(o Order, cause error, sent bool) (Verdict, error) {
	if !errors.Is(cause, ErrLinkDead) { // a dead link reads nothing
		err := c.look()
		if err == nil && sent && Judge(c.contents.Purse, o) == Untouched {
			err = c.still() // it gives the money back: areas that were read one after the other have to be one card's
		}
		if err == nil {
			return c.judge(o, cause)
		}
		cause = errors.Join(cause, err)
	}
	if !sent {
		c.done()
		return Untouched, cause
	}
	c.lost = cause
	return InDoubt, cause
}

// look reads the card back into the contents. What is neither all old nor all new is torn, and taken for no value.
func (c *Card) look() error {
	now, err := c.reread()
	if err != nil {
		return err
	}
	if c.journaled() && c.plan.New != nil {
		if fate := c.layout.Compare(now, c.image, c.plan.New); fate != cardfile.AsOld && fate != cardfile.AsNew {
			return ErrTorn
		}
	}
	return c.decode(now)
}

// judge asks the judge about the read-back and gives his verdict its cause.
func (c *Card) judge(o Order, cause error) (Verdict, error) {
	verdict := Judge(c.contents.Purse, o)
	if verdict == InDoubt {
		c.lost = errors.Join(c.unfit(o), cause)
		return InDoubt, c.lost
	}
	c.done()
	switch {
	case verdict == Loaded:
		return Loaded, nil
	case cause == nil:
		cause = fmt.Errorf("%w: it answered done, and holds what it held", ErrCardRefused)
	}
	return Untouched, cause
}
