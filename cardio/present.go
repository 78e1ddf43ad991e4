package cardio

import (
	"context"
	"errors"

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

// Codes has the secrets of memory cards: a *sam.Set, or a *sam.File.
type Codes interface {
	// Secret derives the secret of one card, size bytes, from what it opens and which card it is, or sam.ErrVersion.
	Secret(version uint8, label string, serial []byte, size int) (sam.Secret, error)
}

// Terminal is a place where one utility reads and writes its cards. It is safe
// for concurrent use as far as its Reader is; a Card is not.
type Terminal struct {
	Reader  Reader
	Keys    Keys
	Utility uint32

	Purses  PurseKeys          // nil: cards with an e-purse are not read
	Codes   Codes              // nil: memory cards that want a code can be read, not written
	Journal Journal            // nil: cards in a maker's fixed places can be read, not written
	Layouts []*cardfile.Layout // nil: those of Layouts
	Chips   []driver.Chip      // that the utility uses; nil: all that there are drivers for
	Issues  string             // layout of new cards that name none; "": vg1, or the only one that the chip can have
	Dialect driver.Dialect     // of the reader, for memory cards; zero: it is asked
	Spared  *Spared            // shared with other terminals; nil: its own

	own Spared
}

// Card is a verified card in the reader, until Close.
type Card struct {
	terminal *Terminal
	link     Link
	channel  *apdu.Channel
	cpu      *driver.CPU // nil: a memory card
	uid      UID         // as the chip says; zero where it has none

	sheet            // its layout, and what was read
	blank    []sheet // of a blank card: the layouts that it could have
	keys     cardfile.Keys
	held     *cardfile.Contents
	contents Contents
	plan     cardfile.Plan // of the last load
	lost     error         // set when a write's end could not be proved: contents are old news
	forget   func() error  // makes the reader forget the secret that it was given; nil: it keeps none
}

// Present connects to the card in the reader, reads and verifies it. Where a load
// into a maker's fixed places was cut, it brings the card back to what it was
// (Journal). It fails with the reader's errors, ErrUnknownCard, ErrUnknownContent,
// ErrTwoLayouts, ErrToolCard, ErrBlankCard, ErrForeignCard, ErrDamagedCard,
// ErrTorn, ErrKeyVersion, ErrTrialCard, ErrProductionCard, ErrCardRefused or
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
	if len(t.chips(link.ATR())) == 0 {
		return nil, errors.Join(ErrUnknownCard, link.Close())
	}
	c := &Card{terminal: t, link: link, channel: apdu.NewChannel(link)}
	if _, uid, ok := driver.Identify(link.ATR()); ok {
		c.uid, c.cpu = uid, driver.New(c.channel)
	}
	return c, nil
}

// code derives the secrets of one memory card.
func (t *Terminal) code(version uint8, card UID) func(string, int) (sam.Secret, error) {
	return func(label string, size int) (sam.Secret, error) {
		if t.Codes == nil {
			return sam.Secret{}, ErrNoCodes
		}
		return t.Codes.Secret(version, label, card[:], size)
	}
}

// Contents is what the card held when it was last read: by Present, or by the
// read-back of Load.
func (c *Card) Contents() Contents { return c.contents }

// Traffic counts what this card cost so far.
func (c *Card) Traffic() apdu.Traffic { return c.channel.Traffic() }

// Close powers the card down and lets go of the reader. A reader that keeps secrets
// is made to forget them first; over a dead link nothing can be told to it.
func (c *Card) Close() error {
	if c.forget == nil {
		return c.link.Close()
	}
	err := c.forget()
	if errors.Is(err, apdu.ErrDead) {
		err = nil
	}
	return errors.Join(err, c.link.Close())
}
