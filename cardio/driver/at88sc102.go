package driver

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// ErrNotErased means that a zone did not become empty: its erase key is another one, or it is erased with a counter.
var ErrNotErased = errors.New("the zone of the card was not erased")

// at88sc102 drives Atmel's logic card with two application zones (cards.md §4).
// Bits are written from 1 to 0; to write a zone is to erase it first, and
// between the two the card holds nothing. The first two bits of a zone are its own locks
// (write, read) and part of its content [M].
type at88sc102 struct {
	ch      *apdu.Channel
	open    bool
	refusal error // of the security code
	keys    [2]Secret
}

// zone102 is where a zone and its erase key lie.
type zone102 struct{ at, key, keySize int }

var zones102 = [2]zone102{{at: 0x16, key: 0x56, keySize: 6}, {at: 0x5C, key: 0x9C, keySize: 4}}

const (
	zoneSize   = 64
	codeAt     = 0x080A // P1 P2 of the security code
	attemptsAt = 0x0C
	tries102   = 4
)

func openAT88SC102(ch *apdu.Channel) (Memory, error) {
	if err := run(ch, selectType(9)); err != nil {
		return nil, step("select the card type", err)
	}
	return &at88sc102{ch: ch}, nil
}

// Areas are the two application zones.
func (c *at88sc102) Areas() []Area {
	zone := Area{Name: "az1", Size: zoneSize, Mode: Erase, Unit: zoneSize, Read: Free, Write: ByCodeAndKey}
	areas := []Area{zone, zone}
	areas[1].Name = "az2"
	return areas
}

// Read reads without the code, unless the zone locked itself.
func (c *at88sc102) Read(area, offset, n int) ([]byte, error) {
	if err := c.Areas()[area].within(offset, n); err != nil {
		return nil, err
	}
	return pieces(zones102[area].at+offset, n, c.read)
}

func (c *at88sc102) read(at, n int) ([]byte, error) { return exact(c.ch, pseudo(0xB0, at, nil, n)) }

// Unlock presents the security code, which opens both zones, or keeps an erase key
// for Write.
func (c *at88sc102) Unlock(area int, secret Secret) error {
	switch secret.Use {
	case Code:
		code, err := secret.code(Code, 2)
		if err != nil {
			return err
		}
		return c.unlock(code)
	case EraseKey:
		if _, err := secret.code(EraseKey, zones102[area].keySize); err != nil {
			return err
		}
		c.keys[area] = secret
		return nil
	}
	return ErrUse
}

func (c *at88sc102) unlock(code []byte) error {
	if c.refusal == nil {
		c.open = false
		c.refusal = step("present the card's code", c.present(code))
		c.open = c.refusal == nil
	}
	return c.refusal
}

// present reads the attempts counter before and after: 9000 proves nothing.
func (c *at88sc102) present(code []byte) error {
	left, err := c.triesLeft()
	if err != nil {
		return err
	}
	if err := spendable(left); err != nil {
		return err
	}
	if err := run(c.ch, pseudo(0x20, codeAt, code, 0)); err != nil {
		return err
	}
	switch left, err = c.triesLeft(); {
	case err != nil:
		return err
	case left < 1:
		return ErrBlocked
	case left < tries102:
		return fmt.Errorf("%w: %d tries left", ErrSecret, left)
	}
	return nil
}

// triesLeft counts the attempts as spent bits, so that an older chip with eight tries
// is taken for one with four.
func (c *at88sc102) triesLeft() (int, error) {
	counter, err := c.read(attemptsAt, 1)
	if err != nil {
		return 0, err
	}
	return tries102 - bits.OnesCount8(^counter[0]), nil
}

// Write erases the zone, sees that it is empty, and writes it, all in one script: a key that
// does not fit leaves the old content (ErrNotErased). Whoever calls it has the old
// content written down elsewhere.
func (c *at88sc102) Write(area, offset int, data []byte) error {
	if offset != 0 || len(data) != zoneSize {
		return fmt.Errorf("%w: a zone is written as a whole", ErrRange)
	}
	key := c.keys[area]
	if !c.open || key.Use == 0 {
		return ErrLocked
	}
	z := zones102[area]
	_, err := c.ch.Run(
		apdu.Step{Command: pseudo(0x20, z.key, key.Code.Expose(), 0)},
		apdu.Step{Command: pseudo(0xB0, z.at, nil, zoneSize), WantData: bytes.Repeat([]byte{0xFF}, zoneSize)},
		apdu.Step{Command: pseudo(0xD0, z.at, data, 0)},
	)
	if errors.Is(err, apdu.ErrUnlike) {
		err = fmt.Errorf("%w: %w", ErrNotErased, err)
	}
	return step("write the card", err)
}
