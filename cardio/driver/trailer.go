package driver

import "slices"

// Access conditions C1 C2 C3 of MIFARE, as a sector of ours has them: key A
// reads, key B reads and writes and changes the keys.
const (
	dataByB    = 0b100
	trailerByB = 0b011
)

// accessBits packs the conditions of three data blocks (or groups of five) and of
// the trailer, each with its complement: a wrong complement kills the sector.
func accessBits(data, trailer byte) [3]byte {
	var c [3]byte // C1, C2, C3: a bit a block
	for i := range c {
		bit := func(conditions byte) byte { return conditions >> (2 - i) & 1 }
		c[i] = bit(trailer)<<3 | bit(data)<<2 | bit(data)<<1 | bit(data)
	}
	return [3]byte{(^c[1]&0xF)<<4 | ^c[0]&0xF, c[0]<<4 | ^c[2]&0xF, c[2]<<4 | c[1]}
}

// Rekey takes key A and key B of the sector, both, and leaves it to them as accessBits
// says. The trailer is written in one command; one that is torn may kill the sector,
// so a card is rekeyed while it holds nothing of value.
func (c *classic) Rekey(area int, next ...Secret) error {
	if len(next) != 2 {
		return ErrUse
	}
	a, errA := next[0].code(KeyA, sectorKeySize)
	b, errB := next[1].code(KeyB, sectorKeySize)
	if errA != nil || errB != nil {
		return ErrUse
	}
	bits := accessBits(dataByB, trailerByB)
	trailer := slices.Concat(a, bits[:], []byte{0}, b)
	if err := c.script(area, pseudo(0xD6, block(area)+blocks(area)-1, trailer, 0)); err != nil {
		return step("change the sector's keys", err)
	}
	for _, secret := range next {
		if err := c.Unlock(area, secret); err != nil {
			return err
		}
	}
	return nil
}
