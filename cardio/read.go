package cardio

import (
	"errors"
	"fmt"
	"maps"
	"math"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/cardfile"
)

// read fills the card's contents from the chip, proving every part. A load into fixed places that was cut is found
// in the journal and undone before anything is taken for a value; a keying anew that was cut is completed.
func (c *Card) read() error {
	if err := c.find(); err != nil {
		return err
	}
	if tool := c.layout.Tool(c.image); tool != "" {
		return fmt.Errorf("%w: %s", ErrToolCard, tool)
	}
	err := c.proved()
	if err != nil && c.halfKeyed(err) {
		return c.finishRekey(err)
	}
	return err
}

// proved takes the contents from the image, proving every part.
func (c *Card) proved() error {
	if err := c.identify(); err != nil {
		return err
	}
	if err := c.mend(); err != nil {
		return err
	}
	return c.decode(c.image)
}

// identify proves that the identity is this chip's and this utility's.
func (c *Card) identify() error {
	claim, err := c.layout.Claim(c.image)
	switch {
	case err == nil && c.layout.Holds(cardfile.Utility) && uint32(claim.Int(cardfile.Utility)) != c.terminal.Utility:
		return fmt.Errorf("%w: utility %d", ErrForeignCard, claim.Int(cardfile.Utility))
	case err != nil && c.layout.Blank(c.image):
		return ErrBlankCard
	case err != nil:
		return fmt.Errorf("%w: identity: %w", ErrDamagedCard, err)
	}
	id := c.identityOf(claim)
	if c.keys, err = c.terminal.keysOf(c.layout, id); err != nil {
		return fault(err)
	}
	if err := c.proveIdentity(c.image); err != nil {
		return err
	}
	if c.uid != (UID{}) && id.UID != c.uid {
		return fmt.Errorf("%w: its data is of the chip %X", ErrForeignCard, id.UID)
	}
	c.contents.Identity = id
	return nil
}

// keysOf are the keys that the layout's MACs want, of the meter that the card claims.
func (t *Terminal) keysOf(l *cardfile.Layout, id Identity) (cardfile.Keys, error) {
	if !l.MACed() {
		return cardfile.Keys{}, nil
	}
	keys, err := t.Keys.Meter(id.KeyVersion, id.Meter)
	return cardfile.Keys{Purse: keys.Purse, WriteBack: keys.WriteBack}, err
}

// proveIdentity checks the identity in an image.
func (c *Card) proveIdentity(image cardfile.Image) error {
	switch err := c.layout.Prove(image, c.keys); {
	case err == nil:
		return nil
	case !cardfile.Invalid(err):
		return fault(err)
	case c.layout.Blank(image):
		return ErrBlankCard
	case errors.Is(err, cardfile.ErrMAC):
		return fmt.Errorf("%w: identity: %w", ErrForeignCard, err)
	default:
		return fmt.Errorf("%w: identity: %w", ErrDamagedCard, err)
	}
}

// decode takes the contents from an image whose identity was proved.
func (c *Card) decode(image cardfile.Image) error {
	held, err := c.layout.Decode(image, c.keys)
	if err == nil && held.Back() == cardfile.Torn {
		held, err = c.earlier(image, held)
	}
	switch {
	case errors.Is(err, cardfile.ErrDisagree):
		return fmt.Errorf("%w: %w", ErrTorn, err)
	case cardfile.Invalid(err), errors.Is(err, cardfile.ErrConflict):
		return fmt.Errorf("%w: %w", ErrDamagedCard, err)
	case err != nil:
		return fault(err)
	}
	c.image, c.held = image, held
	c.contents.Rule, c.contents.OneCopy = ruleOf(c.layout), held.OneCopy()
	c.contents.Purse = purseOf(c.layout, held.Values)
	c.contents.PriceRoom = min(c.layout.PriceSteps(), len(Prices{}))
	c.contents.BackTorn = held.Back() == cardfile.Torn
	c.contents.WriteBack, c.contents.Charges = nil, Prices{}
	if held.Back() == cardfile.Whole {
		copy(c.contents.Charges[:], c.layout.StepsIn(held.Values, cardfile.BackPrices, cardfile.BackBounds))
		c.contents.WriteBack = writeBackOf(c.layout, held.Values)
	}
	return nil
}

// earlier reads a write-back that the meter sealed before the card was keyed anew: with the keys of earlier versions, as
// long as they are held. The meter renews it at the next insertion.
func (c *Card) earlier(image cardfile.Image, held *cardfile.Contents) (*cardfile.Contents, error) {
	id := c.contents.Identity
	for id.KeyVersion--; id.KeyVersion > 0 && id.KeyVersion < math.MaxUint8; id.KeyVersion-- {
		before, err := c.terminal.keysOf(c.layout, id)
		if err != nil {
			continue // retired, or never made
		}
		old, err := c.layout.Decode(image, cardfile.Keys{Purse: c.keys.Purse, WriteBack: before.WriteBack})
		if err != nil || old.Back() == cardfile.Whole {
			return old, err
		}
	}
	return held, nil
}

// reread reads again what the vendor writes, and takes the contents from it. The identity must be the one that was
// read before: ErrOtherCard.
func (c *Card) reread() (cardfile.Image, error) {
	written := c.layout.Written()
	now, err := c.medium.read(c.layout, func(area string) bool { return written[area] })
	switch {
	case missing(err): // it was there before: this is another card, or one that was reset
		return nil, fmt.Errorf("%w: %w", ErrOtherCard, err)
	case err != nil:
		return nil, fault(err)
	}
	image := c.image.Clone()
	maps.Copy(image, now)
	claim, err := c.layout.Claim(image)
	if err != nil || c.identityOf(claim) != c.contents.Identity || c.proveIdentity(image) != nil {
		return nil, ErrOtherCard
	}
	if c.hasPurse() {
		return image, c.account(image)
	}
	return image, nil
}

// missing tells that the card has no such file.
func missing(err error) bool {
	var s *apdu.StatusError
	return errors.As(err, &s) && s.Status == apdu.FileNotFound
}

// refused tells that the card answered, with a refusal.
func refused(err error) bool {
	var s *apdu.StatusError
	return errors.As(err, &s)
}
