//go:build cgo || windows

package reader

import (
	"errors"
	"fmt"

	"github.com/ebfe/scard"
	"github.com/vendgate/vendgate/cardio"
	"github.com/vendgate/vendgate/cardio/apdu"
)

// establish makes a new context; old ones do not survive their service.
func establish() (*scard.Context, error) {
	ctx, err := scard.EstablishContext()
	if err != nil {
		return nil, explain(err)
	}
	return ctx, nil
}

// listReaders asks for all names. It asks again when the list grew between the
// question for its length and the one for its content.
func listReaders(ctx *scard.Context) (names []string, err error) {
	for range 3 {
		err = guard(func() (err error) {
			names, err = ctx.ListReaders()
			return err
		})
		if errors.Is(err, scard.ErrNoReadersAvailable) {
			return nil, nil
		}
		if !errors.Is(err, scard.ErrInsufficientBuffer) {
			break
		}
	}
	if err != nil {
		return nil, explain(err)
	}
	return names, nil
}

// transmit also refuses what PC/SC lets pass: the answer of a card that was
// pulled while it held the command is no bytes and no error. To a card of T=0 a command with data goes
// without Le: some drivers pass on what they are given, and T=0 has no room for it (pcsclite-muscle, February
// 2022: Gemalto's calls such a card mute). Then the card says 61xx, and apdu.Channel fetches the rest.
func transmit(card *scard.Card, command []byte) (answer []byte, err error) {
	if card.ActiveProtocol() == scard.ProtocolT0 {
		command = apdu.OneWay(command)
	}
	err = guard(func() (err error) {
		answer, err = card.Transmit(command)
		return err
	})
	if err != nil {
		return nil, explain(err)
	}
	if len(answer) < 2 {
		return nil, fmt.Errorf("the card answered %d bytes, fewer than a status word", len(answer))
	}
	return answer, nil
}

// answerToReset reads the ATR of the connected card.
func answerToReset(card *scard.Card) (atr []byte, err error) {
	err = guard(func() error {
		status, err := card.Status()
		if err != nil {
			return err
		}
		atr = status.Atr
		return nil
	})
	if err != nil {
		return nil, explain(err)
	}
	return atr, nil
}

// guard turns a panic of ebfe/scard (empty buffers, a handle without protocol)
// into an error.
func guard(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the PC/SC library panicked: %v", p)
		}
	}()
	return call()
}

// explain puts a PC/SC error into our words and keeps the original in the chain.
func explain(err error) error {
	var code scard.Error
	if !errors.As(err, &code) {
		return err
	}
	if known := meaning(code); known != nil {
		return fmt.Errorf("%w (%w)", known, err)
	}
	return err
}

// meaning is nil for codes that need no reaction of their own.
func meaning(code scard.Error) error {
	switch code {
	case scard.ErrNoSmartcard, scard.ErrRemovedCard:
		return cardio.ErrNoCard
	case scard.ErrUnknownReader, scard.ErrReaderUnavailable, scard.ErrNoReadersAvailable:
		return cardio.ErrNoReader
	case scard.ErrSharingViolation, scard.ErrResetCard, scard.ErrServerTooBusy:
		return cardio.ErrReaderBusy
	case scard.ErrUnresponsiveCard, scard.ErrUnpoweredCard, scard.ErrUnsupportedCard,
		scard.ErrProtoMismatch, scard.ErrInvalidAtr, scard.ErrCardUnsupported:
		return ErrMuteCard
	case scard.ErrNoService, scard.ErrServiceStopped, scard.ErrShutdown, scard.ErrCommError:
		return ErrNoService
	case scard.ErrSecurityViolation, scard.ErrNoAccess:
		return ErrNotAllowed
	default:
		return nil
	}
}
