package cardio

import (
	"context"
	"errors"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// NewCard is what a blank card is made into. A customer's first card starts at
// count and total zero; a replacement starts where the lost one stood (RULES C2).
type NewCard struct {
	UID    UID    // the chip it was prepared for (Chip); zero: whichever is in the reader
	Number string // the card number printed on it, 1 to 16 digits
	Meter  string // the meter's 14-digit number
	Unit   Unit
	Count  uint32
	Total  int64   // in Unit, all purchases so far
	Last   []Order // the last purchases up to Count, newest first, LastPurchases at most: the meter may not have taken them
}

// LastPurchases is how many purchases the load rules ask of a replacement: history
// three, counter the last one. What is cumulative shows that one, and needs none.
const LastPurchases = 3

// Sizes and tries of the application on the chip.
const (
	applicationSize = 0x0300 // bytes reserved for all its files
	keyFileSize     = 0x0080
	masterFile      = 0x3F00
	transportKey    = 0
	keyTries        = 10
)

// Issue makes the blank card in the reader into a customer's card and returns
// it, read back and verified. A card whose issue was cut is blank again and may
// be issued from the start. It fails as Present does, with ErrNotBlank on a card
// that was issued already, and with ErrOrderNotValid on values that do not fit
// the layout, before a byte is written.
func (t *Terminal) Issue(ctx context.Context, n NewCard) (*Card, error) {
	c, err := t.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.issue(n); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Card) issue(n NewCard) error {
	if n.UID != (UID{}) && n.UID != c.uid {
		return ErrOtherCard
	}
	keys, err := c.newKeys(n.Meter)
	if err != nil {
		return fault(err)
	}
	identity, purse, err := c.newParts(n, keys)
	if err != nil {
		return fault(err)
	}
	switch err := c.read(); {
	case c.identity != nil:
		return ErrNotBlank
	case !errors.Is(err, ErrBlankCard):
		return err
	}
	if err := c.makeApplication(keys); err != nil {
		return fault(err)
	}
	if err := c.fill(identity, purse, keys); err != nil {
		return fault(err)
	}
	return c.read()
}

// issueKeys is what a new card is given.
type issueKeys struct {
	card  sam.Card
	meter sam.Meter
	write sam.Writer // the meter's, for this card
}

func (c *Card) newKeys(meter string) (k issueKeys, err error) {
	version := c.terminal.Keys.Current()
	if k.card, err = c.terminal.Keys.Card(version, c.uid); err != nil {
		return k, err
	}
	if k.meter, err = c.terminal.Keys.Meter(version, meter); err != nil {
		return k, err
	}
	k.write, err = k.meter.On(c.uid)
	return k, err
}

// newParts spells the identity and the first purse.
func (c *Card) newParts(n NewCard, keys issueKeys) (identity, purse []byte, err error) {
	id := cardfile.Identity{
		UID: c.uid, Utility: c.terminal.Utility, Number: n.Number, Meter: n.Meter,
		KeyVersion: c.terminal.Keys.Current(), Unit: uint8(n.Unit),
	}
	if identity, err = id.Encode(keys.meter.Purse); err != nil {
		return nil, nil, err
	}
	first := cardfile.Purse{Generation: 1, Count: n.Count, Total: n.Total}
	if len(n.Last) > 0 {
		first.Credit, first.Purchase = n.Last[0].shown(), n.Last[0].Purchase
	}
	purse, err = first.Encode(cardfile.SlotA, cardfile.Binding{Key: keys.meter.Purse, UID: c.uid, Meter: n.Meter})
	return identity, purse, err
}

// makeApplication makes folder, keys and files, after erasing what an issue that
// was cut has left. The MF's state, won by the transport key, stays while the
// application is entered.
func (c *Card) makeApplication(keys issueKeys) error {
	if err := c.chip.SelectID(masterFile); err != nil {
		return err
	}
	if err := c.chip.Authenticate(transportKey, keys.card.Transport); err != nil {
		return err
	}
	if err := c.enterEmpty(); err != nil {
		return err
	}
	if err := c.writeKeys(keys); err != nil {
		return err
	}
	err := c.chip.CreateBinary(cardfile.VendorSFI, cardfile.VendorSize,
		driver.Always, driver.State(cardfile.VendorKey), cardfile.VendorKey)
	if err != nil {
		return err
	}
	return c.chip.CreateBinary(cardfile.WriteBackSFI, cardfile.WriteBackSize,
		driver.Always, driver.State(cardfile.MeterKey), cardfile.MeterKey)
}

// enterEmpty makes the application's DF, or empties the one that is there, and enters it.
func (c *Card) enterEmpty() error {
	name := []byte(cardfile.Application)
	err := c.chip.Select(name)
	if err == nil {
		if err := c.stillBlank(); err != nil {
			return err
		}
		return c.chip.EraseDF()
	}
	if !missing(err) {
		return err
	}
	err = c.chip.CreateDF(cardfile.Directory, applicationSize, driver.MFOwner, driver.MFOwner, name)
	if err != nil {
		return err
	}
	return c.chip.Select(name)
}

// stillBlank looks again, in the state that lets the application be erased: every MF has
// the maker's key, and another customer's card may have been put in the blank one's
// place. One that comes after this look has not won the state.
func (c *Card) stillBlank() error {
	file, err := c.chip.ReadBinary(cardfile.VendorSFI, cardfile.VendorSize)
	switch {
	case refused(err): // the issue was cut before there was a file
		return nil
	case err != nil:
		return err
	}
	if err := c.identify(file); !errors.Is(err, ErrBlankCard) {
		return errors.Join(ErrOtherCard, err)
	}
	return nil
}

// writeKeys gives the card the pairs of its two writers, enciphered under the
// transport key.
func (c *Card) writeKeys(keys issueKeys) error {
	if err := c.chip.CreateKeyFile(keyFileSize, driver.MFOwner); err != nil {
		return err
	}
	if err := c.writePair(cardfile.VendorKey, keys.card.Vendor, keys.card.Transport); err != nil {
		return err
	}
	return c.writePair(cardfile.MeterKey, keys.write, keys.card.Transport)
}

// writePair writes one writer's keys; authenticating gives the state of their id.
func (c *Card) writePair(id byte, w sam.Writer, transport *sam.Key) error {
	if err := c.chip.AddAuthKey(id, id, keyTries, w.Auth, transport); err != nil {
		return err
	}
	return c.chip.AddMessageKey(id, keyTries, w.Message, transport)
}

// fill writes the purse, and last the identity: a card with a valid identity is whole.
func (c *Card) fill(identity, purse []byte, keys issueKeys) error {
	vendor := keys.card.Vendor
	if err := c.chip.Authenticate(cardfile.VendorKey, vendor.Auth); err != nil {
		return err
	}
	err := c.chip.UpdateBinary(cardfile.VendorSFI, cardfile.SlotA.Offset(), purse, vendor.Message)
	if err != nil {
		return err
	}
	return c.chip.UpdateBinary(cardfile.VendorSFI, 0, identity, vendor.Message)
}
