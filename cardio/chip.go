package cardio

import (
	"context"
	"errors"
)

// MaxTotal is the largest cumulative credit that a card of ours can carry: 48 bits.
const MaxTotal = 1<<48 - 1

// Chip tells which chip is in the reader, issued or blank. Where it has a serial
// number that is it; else it is what the card says of itself, and a new random
// number for a blank one that says nothing. It is asked by who wants to make a card of it:
// it fails as Connect does, with ErrUnknownCard, and with ErrNotHere.
func (t *Terminal) Chip(ctx context.Context) (UID, error) {
	c, err := t.connect(ctx)
	if err != nil {
		return UID{}, err
	}
	if !c.mayKey() {
		return UID{}, errors.Join(ErrNotHere, c.Close())
	}
	if c.cpu != nil {
		return c.uid, c.Close()
	}
	switch err := c.read(); {
	case err == nil:
		return c.contents.Identity.UID, c.Close()
	case errors.Is(err, ErrBlankCard):
		return c.nameless(UID{}), c.Close()
	default:
		return UID{}, errors.Join(err, c.Close())
	}
}
