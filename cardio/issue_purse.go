package cardio

import (
	"fmt"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// startsAtZero refuses a new e-purse that is to carry on a count: the chip counts its loads by itself, from zero.
func (c *Card) startsAtZero(n NewCard) error {
	if c.hasPurse() && n.Count != 0 {
		return fmt.Errorf("%w: it cannot start at %d", ErrCountsItself, n.Count)
	}
	return nil
}

// emptyPurse shows a blank card's purse as it will be made.
func (c *Card) emptyPurse(m cardfile.Image) {
	for _, p := range c.layout.On(string(c.chip)) {
		if kind := purseKind(p.On[0].Area); kind != 0 {
			m[p.Area] = purse{kind: kind}.shown(driver.Load{})
		}
	}
}

// makePurse gives the application the keys of its e-purse, and then the purse.
func (c *Card) makePurse(kind driver.PurseKind, version uint8, keys sam.PurseKeys, transport *sam.Key) error {
	said := c.layout.Purse(string(c.chip))
	for _, k := range [...]struct {
		use driver.PurseUse
		id  byte
		key *sam.Key
	}{
		{driver.ForLoads, said.LoadKey, keys.Load}, {driver.ForPurchases, said.PurchaseKey, keys.Purchase},
		{driver.ForReceipts, receiptKey, keys.TAC},
	} {
		if err := c.cpu.AddPurseKey(k.use, k.id, version, k.key, transport); err != nil {
			return err
		}
	}
	return c.cpu.CreatePurse(kind, driver.Always)
}
