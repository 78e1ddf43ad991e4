package cardio

import (
	"context"
	"errors"
	"sync"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// Keys is the security module: *sam.File, or a *sam.Set over a token.
type Keys interface {
	// Current is the key version of cards issued from now on.
	Current() uint8
	// Card gives the vendor's keys for one chip, or sam.ErrVersion, ErrTrial, ErrProduction.
	Card(version uint8, uid [8]byte) (sam.Card, error)
	// Meter gives the keys shared with one meter; it fails as Card does.
	Meter(version uint8, meter string) (sam.Meter, error)
}

// Terminal is a place where one utility reads and writes its cards. It is safe
// for concurrent use as far as its Reader is; a Card is not.
type Terminal struct {
	Reader  Reader
	Keys    Keys
	Utility uint32

	mu  sync.Mutex
	low map[UID]bool // cards on whose keys no more tries are spent
}

// Card is a verified card in the reader, until Close.
type Card struct {
	terminal *Terminal
	link     Link
	channel  *apdu.Channel
	chip     *driver.CPU
	uid      UID // as the chip says, in its answer to reset

	identity []byte // as read, MAC proved; nil before
	keys     sam.Meter
	binding  cardfile.Binding // of the purse
	slot     cardfile.Slot    // where the purse stands
	contents Contents
	lost     error // set when a write's end could not be proved: contents are old news
}

// Present connects to the card in the reader, reads and verifies it. It fails
// with the reader's errors, ErrUnknownCard, ErrBlankCard, ErrForeignCard,
// ErrDamagedCard, ErrKeyVersion, ErrTrialCard, ErrProductionCard, ErrCardRefused or
// ErrLinkDead, and then has let go of the card.
func (t *Terminal) Present(ctx context.Context) (*Card, error) {
	c, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.read(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// connect powers up the card in the reader and looks up its chip.
func (t *Terminal) connect(ctx context.Context) (*Card, error) {
	link, err := t.Reader.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, uid, known := driver.Identify(link.ATR())
	if !known {
		return nil, errors.Join(ErrUnknownCard, link.Close())
	}
	channel := apdu.NewChannel(link)
	return &Card{terminal: t, link: link, channel: channel, chip: driver.New(channel), uid: uid}, nil
}

// Contents is what the card held when it was last read: by Present, or by the
// read-back of Load.
func (c *Card) Contents() Contents { return c.contents }

// Traffic counts what this card cost so far.
func (c *Card) Traffic() apdu.Traffic { return c.channel.Traffic() }

// Close powers the card down and lets go of the reader.
func (c *Card) Close() error { return c.link.Close() }
