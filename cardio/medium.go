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
	// write makes one write, and tells whether any of it may have been handed to the card. What became of it only
	// a reading can tell.
	write(l *cardfile.Layout, w cardfile.Write, keys keyring) (sent bool, err error)
}

// keyring is what opens one card.
type keyring struct {
	vendor sam.Writer                                       // of a CPU card
	code   func(label string, size int) (sam.Secret, error) // of a memory card
}

// open speaks to the card as to a chip of that kind.
func (c *Card) open(chip driver.Chip) (medium, error) {
	if chip == driver.FMCOS {
		return &cpu{chip: c.cpu, channel: c.channel}, nil
	}
	m, err := driver.Open(c.channel, chip, c.terminal.Dialect)
	if err != nil {
		return nil, err
	}
	return &memory{name: chip, chip: m}, nil
}

// everything wants all areas.
func everything(string) bool { return true }
