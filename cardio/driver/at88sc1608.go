package driver

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// at88sc1608 drives Atmel's card of eight user zones with passwords (cards.md §4). What
// a zone wants is in its access register, which anyone may read; the layout of
// the configuration zone is [M]. A zone that wants the chip's own cipher is shut.
type at88sc1608 struct {
	ch      *apdu.Channel
	dialect Dialect
	access  []byte // registers, one a zone
	keys    map[int]Secret
	refused map[byte]error // by set
	shown   int            // the set whose password the chip has accepted, -1 for none: only the last one counts
}

// Places and sizes of the AT88SC1608.
const (
	zones1608    = 8
	size1608     = 256
	page1608     = 16
	accessAt     = 0x20
	passwordsAt  = 0x40 // eight sets: counter and password for writing, the same for reading
	passwordSize = 3
)

// Bits of an access register: a zero asks for the password, or forbids.
const (
	writeFree  = 0x80
	readFree   = 0x40
	cipherFree = 0x20
	modifiable = 0x02
	erasable   = 0x01
)

func openAT88SC1608(ch *apdu.Channel, d Dialect) (Memory, error) {
	if err := run(ch, selectType(4)); err != nil {
		return nil, step("select the card type", err)
	}
	access, err := exact(ch, pseudo(0xB1, accessAt, nil, zones1608))
	if err != nil {
		return nil, step("read the access registers", err)
	}
	return &at88sc1608{ch: ch, dialect: d, access: access, keys: map[int]Secret{}, refused: map[byte]error{}, shown: -1}, nil
}

// Areas are the user zones.
func (c *at88sc1608) Areas() []Area {
	areas := make([]Area, zones1608)
	for i, r := range c.access {
		areas[i] = Area{Name: fmt.Sprintf("zone%d", i), Size: size1608, Mode: Pages, Unit: page1608, Read: ByPassword, Write: ByPassword}
		switch {
		case r&cipherFree == 0:
			areas[i].Read, areas[i].Write = Shut, Shut
			continue
		case r&modifiable == 0, r&erasable == 0:
			areas[i].Write = Shut
		case r&writeFree != 0:
			areas[i].Write = Free
		}
		if r&readFree != 0 {
			areas[i].Read = Free
		}
	}
	return areas
}

// set is the zone's set of passwords; its number names the one for writing (RP).
func (c *at88sc1608) set(area int) byte { return c.access[area] >> 2 & 7 }

// Unlock presents the write password of the zone's set, which opens the zone for reading too.
func (c *at88sc1608) Unlock(area int, secret Secret) error {
	if _, err := secret.code(WritePassword, passwordSize); err != nil {
		return err
	}
	delete(c.keys, area)
	if err := c.once(c.set(area), secret); err != nil {
		return err
	}
	c.keys[area] = secret
	return nil
}

// once presents a set's password, unless it was refused before: then the refusal is given again.
func (c *at88sc1608) once(set byte, secret Secret) error {
	if c.refused[set] == nil {
		c.refused[set] = step("present the zone's password", c.present(set, secret))
	}
	return c.refused[set]
}

// present reads the password's counter first. It is eight bits, one a try.
func (c *at88sc1608) present(set byte, secret Secret) error {
	c.shown = -1
	counter, err := exact(c.ch, pseudo(0xB1, passwordsAt+8*int(set), nil, 1))
	if err != nil {
		return err
	}
	if err := spendable(bits.OnesCount8(counter[0])); err != nil {
		return err
	}
	code := secret.Code.Expose()
	left, err := c.dialect.present(c.ch, pseudo(0x20, 0, slices.Concat([]byte{set}, code), 0), code)
	switch {
	case err != nil:
		return err
	case left == 0:
		return ErrBlocked
	case left != 0xFF:
		return fmt.Errorf("%w: %d tries left", ErrSecret, bits.OnesCount8(left))
	}
	c.shown = int(set)
	return nil
}

// enter presents the zone's password again, if another one was presented since.
func (c *at88sc1608) enter(area int, lock Lock) error {
	secret, unlocked := c.keys[area]
	switch {
	case lock == Free:
		return nil
	case lock == Shut, !unlocked:
		return ErrLocked
	}
	set := c.set(area)
	if c.shown == int(set) {
		return nil
	}
	return c.once(set, secret) // another card in its place may refuse what this one took
}

// Read reads a zone.
func (c *at88sc1608) Read(area, offset, n int) ([]byte, error) {
	a := c.Areas()[area]
	if err := a.within(offset, n); err != nil {
		return nil, err
	}
	if err := c.enter(area, a.Read); err != nil {
		return nil, err
	}
	return pieces(area<<8|offset, n, func(at, n int) ([]byte, error) { return exact(c.ch, pseudo(0xB0, at, nil, n)) })
}

// Write sends a command a page, after the write password.
func (c *at88sc1608) Write(area, offset int, data []byte) error {
	a := c.Areas()[area]
	if err := a.within(offset, len(data)); err != nil {
		return err
	}
	if err := c.enter(area, a.Write); err != nil {
		return err
	}
	script := paged(area<<8|offset, data, page1608, func(at int, part []byte) apdu.Command { return pseudo(0xD0, at, part, 0) })
	return step("write the card", run(c.ch, script...))
}
