package cardio

import (
	"bytes"
	"slices"

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
	used, err := m.enter(areas, order)
	if err != nil {
		return err
	}
	stale := slices.DeleteFunc(areas, func(area int) bool { return !used[area].maker })
	return c.fill(m, plan.Writes, stale, own)
}

// enter unlocks areas, each with the first keyring that it takes, and says which that was.
func (m *memory) enter(areas []int, order []keyring) (used map[int]keyring, err error) {
	used = map[int]keyring{}
	for _, area := range areas {
		used[area], err = m.first(order, func(k keyring) error { return m.unlockArea(area, k) })
		if err != nil {
			return nil, err
		}
	}
	for _, area := range areas { // again where the chip was powered anew in between
		if !m.open[area] {
			if err := m.unlockArea(area, used[area]); err != nil {
				return nil, err
			}
		}
	}
	return used, nil
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

// fill makes the writes, and before the last one changes the codes of the areas that still have the maker's. A chip
// without a serial number is told before which card it is going to be: if the issue is cut, its new codes can be found.
func (c *Card) fill(m *memory, writes []cardfile.Write, stale []int, own keyring) error {
	last := len(writes) - 1
	for i, w := range writes {
		if i == last && len(stale) > 0 {
			if err := c.announce(m, w); err != nil {
				return err
			}
			if err := m.rekey(stale, own); err != nil {
				return err
			}
		}
		if i == last {
			w = c.sealing(m, w, len(stale) > 0)
		}
		if err := m.write(c.layout, w, own); err != nil {
			return err
		}
	}
	return nil
}

// announce writes the identity without its check.
func (c *Card) announce(m *memory, identity cardfile.Write) error {
	if c.uid != (UID{}) {
		return nil
	}
	identity.Data = identity.Data[:c.layout.Unsealed()]
	return m.write(c.layout, identity, keyring{})
}

// sealing is the last write without what the card was told before: should it be torn with bytes erased, a chip that has its
// own codes by then still says which.
func (c *Card) sealing(m *memory, w cardfile.Write, announced bool) cardfile.Write {
	if c.uid != (UID{}) || !m.keyable() {
		return w
	}
	have, told := c.empty()[w.Area][w.Offset:], 0
	if announced {
		told = c.layout.Unsealed()
	}
	for told < len(w.Data)-1 && have[told] == w.Data[told] {
		told++
	}
	return cardfile.Write{Area: w.Area, Offset: w.Offset + told, Data: w.Data[told:]}
}

// announced is which card a blank one was going to be when its issue was cut; zero where it says nothing.
func (c *Card) announced() UID {
	all := c.blank
	if c.layout != nil {
		all = append(all, c.sheet)
	}
	for _, s := range all {
		if claim := s.layout.Announced(s.image); claim != nil {
			named := Card{sheet: s}
			return named.identityOf(claim).UID
		}
	}
	return UID{}
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
