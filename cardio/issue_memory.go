package cardio

import (
	"bytes"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// transport is the code with which makers deliver memory chips: FF, public.
func transport(_ string, size int) (sam.Secret, error) {
	return sam.NewSecret(bytes.Repeat([]byte{0xFF}, size)), nil
}

// key writes a plan onto a blank memory card, and changes the codes of its areas from the maker's to the card's own
// just before the last write: that is the identity's, which makes the card one of ours. Where an issue was cut the
// codes may have been changed: whichever of the two is likelier is presented first, and costs one try at most.
func (c *Card) key(plan cardfile.Plan, keys issueKeys) error {
	m := c.medium.(*memory)
	maker := keyring{code: transport, maker: true}
	own := keyring{code: c.terminal.code(c.terminal.Keys.Current(), m.owner(keys.uid))}
	order := []keyring{maker, own}
	switch {
	case !m.keyable():
		order = order[1:]
	case !c.untouched():
		order = []keyring{own, maker}
	}
	areas, err := m.areas(c.layout, c.layout.Writable())
	if err != nil {
		return err
	}
	stale := []int{}
	for _, area := range areas {
		used, err := m.first(order, func(k keyring) error { return m.unlockArea(area, k) })
		if err != nil {
			return err
		}
		if used.maker {
			stale = append(stale, area)
		}
	}
	return c.fill(m, plan.Writes, stale, own)
}

// untouched tells whether nothing was ever written where the layout lies.
func (c *Card) untouched() bool {
	for _, b := range c.image {
		if len(bytes.Trim(b, "\xFF")) > 0 && len(bytes.Trim(b, "\x00")) > 0 {
			return false
		}
	}
	return true
}

// fill makes the writes, and before the last one changes the codes of the areas that still have the maker's.
func (c *Card) fill(m *memory, writes []cardfile.Write, stale []int, own keyring) error {
	for i, w := range writes {
		if i == len(writes)-1 {
			if err := m.rekey(stale, own); err != nil {
				return err
			}
		}
		if _, err := m.write(c.layout, w, own); err != nil {
			return err
		}
	}
	return nil
}

// rekey gives some areas the card's own codes.
func (m *memory) rekey(areas []int, own keyring) error {
	for _, area := range areas { // none where the chip cannot be keyed
		var next []driver.Secret
		for _, want := range m.wants(area, false) {
			code, err := own.code(want.label, want.size)
			if err != nil {
				return err
			}
			next = append(next, driver.Secret{Use: want.use, Code: code})
		}
		if err := m.chip.(driver.Rekeyer).Rekey(area, next...); err != nil {
			return err
		}
	}
	return nil
}
