package counter

import (
	"context"

	"github.com/vendgate/vendgate/cardio"
)

// Card is the card in a terminal's reader, for as long as it stays there.
type Card interface {
	Contents() cardio.Contents
	Load(cardio.Order) (cardio.Verdict, error)
	Close() error
}

// Terminal is a reader and the keys to speak to the card in it.
type Terminal interface {
	// Present reads the issued card that is in the reader now.
	Present(context.Context) (Card, error)
	// Chip is the serial number of the card in the reader, issued or blank.
	Chip(context.Context) (cardio.UID, error)
	// Issue makes the blank card with that chip ours.
	Issue(context.Context, cardio.NewCard) (Card, error)
}

// At is the terminal of cardio as a counter uses it.
func At(t *cardio.Terminal) Terminal { return at{t} }

type at struct{ *cardio.Terminal }

func (a at) Present(ctx context.Context) (Card, error) {
	c, err := a.Terminal.Present(ctx)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (a at) Issue(ctx context.Context, n cardio.NewCard) (Card, error) {
	c, err := a.Terminal.Issue(ctx, n)
	if err != nil {
		return nil, err
	}
	return c, nil
}
