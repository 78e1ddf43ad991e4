package cardio

import (
	"errors"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// Sizes and tries of the application on a CPU card.
const (
	applicationSize = 0x0300 // bytes reserved for all its files
	keyFileSize     = 0x00C0
	masterFile      = 0x3F00
	directory       = 0x3F01 // the application's
	transportKey    = 0
	keyTries        = 10
	receiptKey      = 0 // of an e-purse: PBOC's commands name none
)

// personalise makes a blank CPU card ours: the application with its keys and files, then what a plan writes.
func (c *Card) personalise(plan cardfile.Plan, keys issueKeys) error {
	if err := c.makeApplication(keys); err != nil {
		return err
	}
	return c.putWith(plan.Writes, keyring{vendor: keys.card.Vendor})
}

// makeApplication makes folder, keys and files, after erasing what an issue that
// was cut has left. The MF's state, won by the transport key, stays while the
// application is entered.
func (c *Card) makeApplication(keys issueKeys) error {
	if err := c.ownMaster(keys.card.Transport); err != nil {
		return err
	}
	if err := c.enterEmpty(); err != nil {
		return err
	}
	if err := c.writeKeys(keys); err != nil {
		return err
	}
	for _, p := range c.layout.On(string(driver.FMCOS)) {
		if kind := purseKind(p.On[0].Area); kind != 0 {
			if err := c.makePurse(kind, keys.version, keys.purse, keys.card.Transport); err != nil {
				return err
			}
			continue
		}
		writer := byte(meterKey)
		if c.layout.Written()[p.Area] {
			writer = vendorKey
		}
		err := c.cpu.CreateBinary(uint16(fileOf(p)), uint16(p.On[0].Size), driver.Always, driver.State(writer), writer)
		if err != nil {
			return err
		}
	}
	return nil
}

// ownMaster wins the MF's state with the maker's key. One that the card refused is not presented again: the next time it
// would cost the next try, and without the MF a blank card is waste.
func (c *Card) ownMaster(transport *sam.Key) error {
	if c.terminal.spared().has(c.makers()) {
		return ErrAuthTriesLow
	}
	if err := c.cpu.SelectID(masterFile); err != nil {
		return err
	}
	return c.sparing(c.cpu.Authenticate(transportKey, transport))
}

// enterEmpty makes the application's DF, or empties the one that is there, and enters it.
func (c *Card) enterEmpty() error {
	name := c.layout.Application(string(driver.FMCOS))
	err := c.cpu.Select(name)
	if err == nil {
		if err := c.stillBlank(); err != nil {
			return err
		}
		return c.cpu.EraseDF()
	}
	if !missing(err) {
		return err
	}
	err = c.cpu.CreateDF(directory, applicationSize, driver.MFOwner, driver.MFOwner, name)
	if err != nil {
		return err
	}
	return c.cpu.Select(name)
}

// stillBlank looks again, in the state that lets the application be erased: every MF has
// the maker's key, and another customer's card may have been put in the blank one's
// place. One that comes after this look has not won the state.
func (c *Card) stillBlank() error {
	image, err := (&cpu{chip: c.cpu, entered: string(c.layout.Application(string(driver.FMCOS)))}).read(c.layout, everything)
	switch {
	case refused(err): // the issue was cut before there was a file
		return nil
	case err != nil:
		return err
	}
	c.image = image
	if err := c.identify(); !errors.Is(err, ErrBlankCard) {
		return errors.Join(ErrOtherCard, err)
	}
	return nil
}

// writeKeys gives the card the pairs of its two writers, enciphered under the
// transport key.
func (c *Card) writeKeys(keys issueKeys) error {
	if err := c.cpu.CreateKeyFile(keyFileSize, driver.MFOwner); err != nil {
		return err
	}
	if err := c.writePair(vendorKey, keys.card.Vendor, keys.card.Transport); err != nil {
		return err
	}
	return c.writePair(meterKey, keys.write, keys.card.Transport)
}

// writePair writes one writer's keys; authenticating gives the state of their id.
func (c *Card) writePair(id byte, w sam.Writer, transport *sam.Key) error {
	if err := c.cpu.AddAuthKey(id, id, keyTries, w.Auth, transport); err != nil {
		return c.sparing(err)
	}
	return c.sparing(c.cpu.AddMessageKey(id, keyTries, w.Message, transport))
}
