package cardio

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

// Draft is a load into a maker's fixed places that was begun: the whole image before it and after it.
type Draft struct {
	Layout string // by name
	Number string // of the card
	Old    cardfile.Image
	New    cardfile.Image
}

// Journal keeps the drafts of cards whose layout cannot keep a torn write apart by itself. One card has one draft at
// most. Begin has to be durable before it returns: after it the card is written.
type Journal interface {
	// Begin keeps a draft, in the place of the card's last one.
	Begin(UID, Draft) error
	// Find gives the draft of the card, and tells whether there is one.
	Find(UID) (Draft, bool, error)
	// Done forgets the card's draft.
	Done(UID) error
}

// journaled tells whether loads of this card go through the journal.
func (c *Card) journaled() bool { return c.layout.Rule() != "" && !c.layout.TwoCopies() }

// begin keeps what a plan is going to do, where the layout wants that.
func (c *Card) begin(p cardfile.Plan) error {
	switch {
	case !c.journaled():
		return nil
	case c.terminal.Journal == nil:
		return ErrNoJournal
	}
	id := c.contents.Identity
	if err := c.terminal.Journal.Begin(id.UID, Draft{c.layout.Name(), id.Number, c.image, p.New}); err != nil {
		return fmt.Errorf("keep the card's image: %w", err)
	}
	return nil
}

// done forgets the draft. Where that fails the draft is found again, and again found to be done with.
func (c *Card) done() {
	if c.journaled() && c.terminal.Journal != nil {
		_ = c.terminal.Journal.Done(c.contents.Identity.UID)
	}
}

// draft is what the journal has of this card.
func (c *Card) draft() (d Draft, found bool, err error) {
	if !c.journaled() || c.terminal.Journal == nil {
		return d, false, nil
	}
	d, found, err = c.terminal.Journal.Find(c.contents.Identity.UID)
	if err != nil {
		return d, false, fmt.Errorf("look for the card's draft: %w", err)
	}
	return d, found && d.Layout == c.layout.Name() && d.Number == c.contents.Identity.Number, nil
}

// mend settles a load that was begun on this card and not proved. A card that holds all of the old or all of the new
// image is left as it is. A torn one is brought back to the old image, so that the judge finds it untouched and the
// order is written again; but if its meter says that it has taken the order, the new image is completed. Either
// goes as a load does: written, read back, and the draft stays until that has proved it.
// An e-purse is never torn: it is asked.
func (c *Card) mend() error {
	if c.hasPurse() {
		return c.account(c.image)
	}
	draft, found, err := c.draft()
	if err != nil || !found {
		return err
	}
	switch c.layout.Compare(c.image, draft.Old, draft.New) {
	case cardfile.Mixed:
		return c.restore(draft)
	case cardfile.Strange:
		return fmt.Errorf("%w: it holds what neither the load that was begun nor anything before it left there", ErrTorn)
	}
	c.done()
	return nil
}

// restore writes the image that the draft settles on.
func (c *Card) restore(d Draft) error {
	plan := c.layout.Restore(c.image, d.Old)
	if c.layout.Took(c.image, d.New, c.keys) {
		plan = c.layout.Restore(c.image, d.New)
	}
	cause := c.put(plan.Writes)
	now, err := c.reread()
	if err != nil {
		return errors.Join(fmt.Errorf("%w: it could not be restored", ErrTorn), cause, err)
	}
	if c.layout.Compare(now, plan.New, plan.New) != cardfile.AsNew {
		return errors.Join(fmt.Errorf("%w: it could not be restored", ErrTorn), cause)
	}
	c.image = now
	c.done()
	return nil
}
