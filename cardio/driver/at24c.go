package driver

import "github.com/vendgate/vendgate/cardio/apdu"

// at24c drives the I2C EEPROMs (cards.md §4). They have no code, no counter and
// no serial number: whoever holds one can copy it, so only a MAC that the meter
// checks protects what is on it.
type at24c struct {
	at24cKind
	ch *apdu.Channel
}

// at24cKind is what differs between the chips.
type at24cKind struct {
	chip Chip
	size int  // bytes
	page int  // bytes; a write that crosses a page wraps inside it
	code byte // of SELECT PAGE SIZE
	typ  byte // of SELECT CARD TYPE: addresses of one byte or of two
}

// at24cs is the table of the chips; page sizes [M].
var at24cs = [...]at24cKind{
	{AT24C01, 1 << 7, 8, 3, 1},
	{AT24C02, 1 << 8, 8, 3, 1},
	{AT24C04, 1 << 9, 16, 4, 1},
	{AT24C08, 1 << 10, 16, 4, 1},
	{AT24C16, 1 << 11, 16, 4, 1},
	{AT24C32, 1 << 12, 32, 5, 2},
	{AT24C64, 1 << 13, 32, 5, 2},
	{AT24C128, 1 << 14, 64, 6, 2},
	{AT24C256, 1 << 15, 64, 6, 2},
	{AT24C512, 1 << 16, 128, 7, 2},
}

// openAT24C tells the reader type and page size, which it forgets with the card.
func openAT24C(ch *apdu.Channel, k at24cKind) (*at24c, error) {
	if err := run(ch, selectType(k.typ), pseudo(0x01, 0, []byte{k.code}, 0)); err != nil {
		return nil, step("select the card type", err)
	}
	return &at24c{k, ch}, nil
}

// Areas is the one area "main".
func (c *at24c) Areas() []Area {
	return []Area{{Name: "main", Size: c.size, Mode: Pages, Unit: c.page, Read: Free, Write: Free}}
}

// Read reads without a code.
func (c *at24c) Read(area, offset, n int) ([]byte, error) {
	if err := c.Areas()[area].within(offset, n); err != nil {
		return nil, err
	}
	return pieces(offset, n, func(at, n int) ([]byte, error) { return exact(c.ch, pseudo(0xB0, at, nil, n)) })
}

// Unlock has nothing to open.
func (c *at24c) Unlock(int, Secret) error { return ErrUse }

// Write sends a command a page.
func (c *at24c) Write(area, offset int, data []byte) error {
	if err := c.Areas()[area].within(offset, len(data)); err != nil {
		return err
	}
	script := paged(offset, data, c.page, func(at int, part []byte) apdu.Command { return pseudo(0xD0, at, part, 0) })
	return step("write the card", run(c.ch, script...))
}

// pieces reads n bytes in as few commands as the reader allows.
func pieces(offset, n int, read func(at, n int) ([]byte, error)) ([]byte, error) {
	var out []byte
	for len(out) < n {
		part, err := read(offset+len(out), min(maxMemory, n-len(out)))
		if err != nil {
			return nil, step("read the card", err)
		}
		out = append(out, part...)
	}
	return out, nil
}

// paged splits a write at the boundaries of pages.
func paged(offset int, data []byte, page int, write func(at int, part []byte) apdu.Command) (script []apdu.Command) {
	for at := offset; len(data) > 0; {
		n := min(page-at%page, len(data))
		script = append(script, write(at, data[:n]))
		at, data = at+n, data[n:]
	}
	return script
}
