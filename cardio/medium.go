package cardio

import (
	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// medium is a powered chip as a layout sees it.
type medium interface {
	// read reads those areas of a layout that are wanted. One that the card does not have, and that is the meter's
	// to write, is absent.
	read(l *cardfile.Layout, wanted func(area string) bool) (cardfile.Image, error)
	// unlock wins what these writes want.
	unlock(l *cardfile.Layout, writes []cardfile.Write, keys keyring) error
	// write makes one write. What became of it only a reading can tell.
	write(l *cardfile.Layout, w cardfile.Write, keys keyring) error
}

// keyring is what opens one card.
type keyring struct {
	vendor sam.Writer                                       // of a CPU card
	code   func(label string, size int) (sam.Secret, error) // of a memory card
	maker  bool                                             // code is the one with which chips are delivered
}

// open speaks to the card as to a chip of that kind.
func (c *Card) open(chip driver.Chip) (medium, error) {
	if chip == driver.FMCOS {
		return &cpu{chip: c.cpu}, nil
	}
	m := &memory{name: chip, reopen: func() (driver.Memory, error) { return c.memory(chip) }}
	var err error
	if m.chip, err = m.reopen(); err != nil {
		return nil, err
	}
	if s, ok := m.chip.(serial); ok {
		c.uid = UID{}
		copy(c.uid[:], s.Serial())
		m.readers = c.terminal.readers(c.uid)
	}
	return m, nil
}

// memory powers a memory chip anew. What its reader keeps of the secrets is forgotten by Close.
func (c *Card) memory(chip driver.Chip) (driver.Memory, error) {
	m, err := driver.Open(c.channel, chip, c.terminal.Dialect)
	if f, ok := m.(driver.Forgetter); ok {
		c.forget = f.Forget
	}
	return m, err
}

// serial is a memory chip with a serial number of its own, shorter than a UID: zeros fill the rest.
type serial interface{ Serial() []byte }

// readers are what may open a card for reading whose chip has a serial number: our own codes, the newest key version
// first, then the maker's. Such a chip counts no tries. A card keyed for trials is another company's to production.
func (t *Terminal) readers(card UID) (all []keyring) {
	newest := t.Keys.Current()
	for version := newest; version > 0 && sam.For(version) == sam.For(newest) && t.Codes != nil; version-- {
		all = append(all, keyring{code: t.code(version, card)})
	}
	return append(all, keyring{code: transport, maker: true})
}

// everything wants all areas.
func everything(string) bool { return true }
