//go:build cgo || windows

package reader

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ebfe/scard"
	"github.com/vendgate/vendgate/cardio"
)

// protocols that Transmit understands.
const protocols = scard.ProtocolT0 | scard.ProtocolT1

// connect connects the named reader. Without a name it is the only one there
// is, or the only one that holds a card.
func connect(ctx *scard.Context, name string) (*scard.Card, string, error) {
	if name != "" {
		card, err := connectNamed(ctx, name)
		return card, name, err
	}
	names, err := listReaders(ctx)
	switch {
	case err != nil:
		return nil, "", err
	case len(names) == 0:
		return nil, "", fmt.Errorf("%w: none is connected", cardio.ErrNoReader)
	case len(names) == 1:
		card, err := connectNamed(ctx, names[0])
		return card, names[0], err
	default:
		return connectOnly(ctx, names)
	}
}

// connectNamed is shared: exclusive use is what the transaction is for, and it
// waits for its turn where an exclusive connect fails.
func connectNamed(ctx *scard.Context, name string) (*scard.Card, error) {
	card, err := ctx.Connect(name, scard.ShareShared, protocols)
	if err != nil {
		return nil, explain(err)
	}
	return card, nil
}

// connectOnly tries every reader: asking the service for their state is the
// Monitor's alone. What holds a card keeps its handle until the choice is made.
func connectOnly(ctx *scard.Context, names []string) (*scard.Card, string, error) {
	var with []string
	var chosen *scard.Card
	var failure error
	for _, name := range names {
		card, err := connectNamed(ctx, name)
		if errors.Is(err, cardio.ErrNoCard) || errors.Is(err, cardio.ErrNoReader) {
			continue
		}
		if errors.Is(err, ErrNoService) || errors.Is(err, ErrNotAllowed) {
			return nil, "", err
		}
		with = append(with, name)
		if len(with) == 1 {
			chosen, failure = card, err
		} else if card != nil {
			_ = card.Disconnect(scard.LeaveCard) // not ours; nothing follows from a failure
		}
	}
	if len(with) == 1 {
		return chosen, with[0], failure
	}
	if chosen != nil {
		_ = chosen.Disconnect(scard.LeaveCard)
	}
	slices.Sort(names) // the service's order means nothing
	slices.Sort(with)
	return nil, "", &UnclearError{Readers: names, WithCard: with}
}
