package driver

import "encoding/binary"

// ValueBlock is a value as MIFARE keeps it: little-endian, its complement, itself,
// and four times an address that the chip does not look at. Writing it makes a
// block a value block.
func ValueBlock(v int32, address byte) (b [blockSize]byte) {
	for i, word := range [...]uint32{uint32(v), ^uint32(v), uint32(v)} {
		binary.LittleEndian.PutUint32(b[4*i:], word)
	}
	b[12], b[13], b[14], b[15] = address, ^address, address, ^address
	return b
}

// Value reads the value block at offset.
func (c *classic) Value(area, offset int) (int32, error) {
	if err := c.Areas()[area].within(offset, blockSize); err != nil {
		return 0, err
	}
	if err := c.enter(area); err != nil {
		return 0, err
	}
	b, err := exact(c.ch, pseudo(0xB1, at(area, offset), nil, 4))
	if err != nil {
		c.open = -1
		return 0, step("read a value", err)
	}
	return int32(binary.BigEndian.Uint32(b)), nil
}

// Add raises the value at offset by n, or lowers it where n is below zero.
func (c *classic) Add(area, offset int, n int32) error {
	if err := c.Areas()[area].within(offset, blockSize); err != nil {
		return err
	}
	deed := byte(0x01)
	if n < 0 {
		deed, n = 0x02, -n
	}
	if n < 0 {
		return ErrRange // -1<<31 has no opposite
	}
	data := binary.BigEndian.AppendUint32([]byte{deed}, uint32(n))
	return step("change a value", c.script(area, pseudo(0xD7, at(area, offset), data, 0)))
}

// Copy copies the value block at one offset to another of the same sector.
func (c *classic) Copy(area, from, to int) error {
	for _, offset := range [...]int{from, to} {
		if err := c.Areas()[area].within(offset, blockSize); err != nil {
			return err
		}
	}
	data := []byte{0x03, byte(at(area, to))}
	return step("copy a value", c.script(area, pseudo(0xD7, at(area, from), data, 0)))
}
