package driver

import (
	"bytes"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
)

const (
	blockSize     = 16
	sectorKeySize = 6
)

// classic drives MIFARE Classic 1K and 4K in a contactless reader (PC/SC part 3;
// cards.md §5). A sector is an area without its trailer, and sector 0 without
// the maker's block. Crypto1 is broken: whoever holds a card can read, write and
// copy it, so that only a MAC that the meter checks protects what is on it.
type classic struct {
	ch      *apdu.Channel
	slot    byte // where the reader keeps the key
	uid     []byte
	sectors int
	keys    map[int]Secret // that opened an area
	refused map[int]error
	open    int    // the area that the card has open, -1 for none
	loaded  []byte // the key in the reader
}

// factoryKey is the one with which the chips are sold: public.
var factoryKey = [sectorKeySize]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}

func openClassic(ch *apdu.Channel, sectors int, d Dialect) (*classic, error) {
	uid, err := ch.Send(pseudo(0xCA, 0, nil, apdu.MaxLe))
	if err == nil && len(uid) != 4 && len(uid) != 7 {
		err = fmt.Errorf("%w: a serial number of %d", ErrShort, len(uid))
	}
	if err != nil {
		return nil, step("read the card's serial number", err)
	}
	c := &classic{ch: ch, slot: d.KeySlot, uid: uid, sectors: sectors, keys: map[int]Secret{}, refused: map[int]error{}, open: -1}
	if d.Name != "" {
		return c, nil
	}
	for _, known := range [...]Dialect{NewACS(), OldACS()} {
		c.slot = known.KeySlot
		if err = c.load(factoryKey[:]); !isRefusal(err) {
			break
		}
	}
	return c, step("ask the reader for its dialect", err)
}

// Serial is the chip's, 4 or 7 bytes.
func (c *classic) Serial() []byte { return bytes.Clone(c.uid) }

// Areas are the sectors.
func (c *classic) Areas() []Area {
	areas := make([]Area, c.sectors)
	for i := range areas {
		size := (blocks(i) - 1) * blockSize
		if i == 0 {
			size -= blockSize
		}
		areas[i] = Area{Name: fmt.Sprintf("sector%d", i), Size: size, Mode: Blocks, Unit: blockSize, Read: BySectorKey, Write: BySectorKey}
	}
	return areas
}

// blocks is how many a sector has.
func blocks(sector int) int {
	if sector < 32 {
		return 4
	}
	return 16
}

// block is the first one of a sector.
func block(sector int) int {
	if sector < 32 {
		return 4 * sector
	}
	return 128 + 16*(sector-32)
}

// at is the block at an offset of an area.
func at(area, offset int) int {
	first := block(area)
	if area == 0 {
		first++
	}
	return first + offset/blockSize
}

// Unlock presents key A or key B of the sector. The chip counts no tries.
func (c *classic) Unlock(area int, secret Secret) error {
	if _, err := secret.code(secret.Use, sectorKeySize); err != nil || secret.Use != KeyA && secret.Use != KeyB {
		return ErrUse
	}
	if err := c.refused[area]; err != nil {
		return err
	}
	delete(c.keys, area)
	if err := c.present(area, secret); err != nil {
		c.refused[area] = step("present the sector's key", err)
		return c.refused[area]
	}
	c.keys[area] = secret
	return nil
}

// present gives the key to the reader and lets it open the sector.
func (c *classic) present(area int, secret Secret) error {
	c.open = -1
	if err := c.load(secret.Code.Expose()); err != nil {
		return err
	}
	kind := byte(0x60)
	if secret.Use == KeyB {
		kind = 0x61
	}
	err := run(c.ch, pseudo(0x86, 0, []byte{1, 0, byte(block(area)), kind, c.slot}, 0))
	if isRefusal(err) {
		return fmt.Errorf("%w: %w", ErrSecret, err)
	}
	if err == nil {
		c.open = area
	}
	return err
}

// load puts a key into the place that the reader forgets without power.
func (c *classic) load(key []byte) error {
	if bytes.Equal(key, c.loaded) {
		return nil
	}
	c.loaded = nil
	err := run(c.ch, pseudo(0x82, int(c.slot), key, 0))
	if err == nil {
		c.loaded = bytes.Clone(key)
	}
	return err
}

// Forget overwrites the key in the reader, where it would outlast the card.
func (c *classic) Forget() error {
	return step("make the reader forget the key", c.load(factoryKey[:]))
}

// enter opens a sector that was unlocked, if another one was opened since.
func (c *classic) enter(area int) error {
	secret, unlocked := c.keys[area]
	switch {
	case !unlocked:
		return ErrLocked
	case c.open == area:
		return nil
	}
	return c.present(area, secret)
}

// Read reads whole blocks.
func (c *classic) Read(area, offset, n int) ([]byte, error) {
	if err := c.Areas()[area].within(offset, n); err != nil {
		return nil, err
	}
	if err := c.enter(area); err != nil {
		return nil, err
	}
	var out []byte
	for ; len(out) < n; offset += blockSize {
		b, err := exact(c.ch, pseudo(0xB0, at(area, offset), nil, blockSize))
		if err != nil {
			c.open = -1
			return nil, step("read the card", err)
		}
		out = append(out, b...)
	}
	return out, nil
}

// Write sends a command a block.
func (c *classic) Write(area, offset int, data []byte) error {
	if err := c.Areas()[area].within(offset, len(data)); err != nil {
		return err
	}
	script := paged(offset, data, blockSize, func(offset int, b []byte) apdu.Command { return pseudo(0xD6, at(area, offset), b, 0) })
	return step("write the card", c.script(area, script...))
}

// script sends commands to a sector that was unlocked. A refusal closes it.
func (c *classic) script(area int, commands ...apdu.Command) error {
	if err := c.enter(area); err != nil {
		return err
	}
	err := run(c.ch, commands...)
	if err != nil {
		c.open = -1
	}
	return err
}
