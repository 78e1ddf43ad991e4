package cardio

import (
	"context"

	"github.com/vendgate/vendgate/cardio/cardfile"
)

// MaxTotal is the largest cumulative credit that a card can carry.
const MaxTotal = cardfile.MaxQuantity

// Chip tells which chip is in the reader, issued or blank: its serial number
// stands in the answer to reset. It fails as Connect does, and with
// ErrUnknownCard.
func (t *Terminal) Chip(ctx context.Context) (UID, error) {
	c, err := t.connect(ctx)
	if err != nil {
		return UID{}, err
	}
	return c.uid, c.Close()
}
