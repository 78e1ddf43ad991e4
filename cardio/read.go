package cardio

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/cardio/cardfile"
)

// read fills the card's contents from the chip, proving every part: three
// commands, SELECT and one READ BINARY a file.
func (c *Card) read() error {
	file, err := c.vendorFile()
	if missing(err) {
		// A card that another program left by dying is reset by the service, perhaps
		// between our two commands, and then it has left the application. Only a card
		// that says it twice is blank, or its issue was cut.
		file, err = c.vendorFile()
	}
	switch {
	case missing(err):
		return ErrBlankCard
	case err != nil:
		return fault(err)
	}
	if err := c.identify(file); err != nil {
		return err
	}
	if err := c.readPurse(file); err != nil {
		return err
	}
	return c.readWriteBack()
}

// vendorFile enters the application and reads what the vendor wrote.
func (c *Card) vendorFile() ([]byte, error) {
	if err := c.chip.Select([]byte(cardfile.Application)); err != nil {
		return nil, err
	}
	return c.chip.ReadBinary(cardfile.VendorSFI, cardfile.VendorSize)
}

// identify proves that the identity in file is this chip's and this utility's.
func (c *Card) identify(file []byte) error {
	id, err := cardfile.DecodeIdentity(file)
	switch {
	case err == nil && id.Utility != c.terminal.Utility:
		return fmt.Errorf("%w: utility %d", ErrForeignCard, id.Utility)
	case errors.Is(err, cardfile.ErrErased), err != nil && cardfile.Unfinished(file):
		return ErrBlankCard
	case err != nil:
		return fmt.Errorf("%w: identity: %w", ErrDamagedCard, err)
	}
	keys, err := c.terminal.Keys.Meter(id.KeyVersion, id.Meter)
	if err != nil {
		return fault(err)
	}
	switch err := cardfile.Check(file, keys.Purse); {
	case errors.Is(err, cardfile.ErrMAC) && cardfile.Unfinished(file):
		return ErrBlankCard
	case errors.Is(err, cardfile.ErrMAC):
		return fmt.Errorf("%w: identity: %w", ErrForeignCard, err)
	case err != nil:
		return fault(err)
	case id.UID != c.uid:
		return fmt.Errorf("%w: its data is of the chip %X", ErrForeignCard, id.UID)
	}
	c.keys = keys
	c.identity = bytes.Clone(file[:cardfile.IdentitySize])
	c.binding = cardfile.Binding{Key: keys.Purse, UID: id.UID, Meter: id.Meter}
	c.contents.Rule = Cumulative // vg1 is
	c.contents.Identity = Identity{
		UID: id.UID, Utility: id.Utility, Number: id.Number, Meter: id.Meter,
		KeyVersion: id.KeyVersion, Unit: Unit(id.Unit),
	}
	return nil
}

// readPurse takes the newest valid purse from the vendor's file.
func (c *Card) readPurse(file []byte) error {
	p, err := cardfile.DecodePurses(file, c.binding)
	switch {
	case errors.Is(err, cardfile.ErrMAC), errors.Is(err, cardfile.ErrConflict):
		return fmt.Errorf("%w: purse: %w", ErrDamagedCard, err)
	case err != nil:
		return fault(err)
	}
	c.slot, c.contents.Purse, c.contents.OneCopy = p.Slot, Purse(p.Purse), p.OneCopy
	return nil
}

// lastSecond is the last one of the year 9999, and of RFC 3339. The layout has room
// for later ones, databases and JSON have not. A meter's clock that shows one is
// broken, which is no reason to know nothing of its registers.
const lastSecond = 253_402_300_799

// readWriteBack reads the meter's file. One that is absent, empty, torn or
// another meter's is no write-back, and no error: the meter renews it.
func (c *Card) readWriteBack() error {
	file, err := c.chip.ReadBinary(cardfile.WriteBackSFI, cardfile.WriteBackSize)
	if refused(err) {
		return nil
	}
	if err != nil {
		return fault(err)
	}
	from := cardfile.Binding{Key: c.keys.WriteBack, UID: c.binding.UID, Meter: c.binding.Meter}
	w, err := cardfile.DecodeWriteBack(file, from)
	switch {
	case errors.Is(err, cardfile.ErrErased):
		return nil
	case errors.Is(err, cardfile.ErrMAC), errors.Is(err, cardfile.ErrSpelling):
		c.contents.BackTorn = true
		return nil
	case err != nil:
		return fault(err)
	}
	out := WriteBack(w)
	out.MeterTime = time.Unix(min(w.MeterTime.Unix(), lastSecond), 0).UTC()
	c.contents.WriteBack = &out
	return nil
}

// reread reads the vendor's file again and takes the purse from it. Identity
// and UID must be those that were read before: ErrOtherCard.
func (c *Card) reread() error {
	file, err := c.chip.ReadBinary(cardfile.VendorSFI, cardfile.VendorSize)
	switch {
	case missing(err): // it was there before: this is another card, or one that was reset
		return fmt.Errorf("%w: %w", ErrOtherCard, err)
	case err != nil:
		return fault(err)
	case !bytes.Equal(file[:cardfile.IdentitySize], c.identity):
		return ErrOtherCard
	}
	return c.readPurse(file)
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
