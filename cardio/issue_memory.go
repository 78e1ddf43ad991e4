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
// just before the last write: that is the identity's, which makes the card one of ours.
func (c *Card) key(plan cardfile.Plan, keys issueKeys) error {
	maker, own := keyring{code: transport}, keyring{code: c.terminal.code(c.terminal.Keys.Current(), keys.uid)}
	m := c.medium.(*memory)
	if err := m.unlock(c.layout, plan.Writes, maker); err != nil {
		return err
	}
	last := len(plan.Writes) - 1
	for i, w := range plan.Writes {
		if i == last {
			if err := m.rekey(c.layout, plan.Writes, own); err != nil {
				return err
			}
		}
		if _, err := m.write(c.layout, w, own); err != nil {
			return err
		}
	}
	return nil
}

// rekey gives the areas of these writes the card's own codes.
func (m *memory) rekey(l *cardfile.Layout, writes []cardfile.Write, keys keyring) error {
	r, ok := m.chip.(driver.Rekeyer)
	if !ok {
		return nil // it has no code
	}
	areas, err := m.areas(l, writes)
	if err != nil {
		return err
	}
	for _, area := range areas {
		for _, want := range m.wants(area) {
			code, err := keys.code(want.label, want.size)
			if err != nil {
				return err
			}
			if err := r.Rekey(area, driver.Secret{Use: want.use, Code: code}); err != nil {
				return err
			}
		}
	}
	return nil
}
