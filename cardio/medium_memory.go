package cardio

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
	"github.com/vendgate/vendgate/cardio/sam"
)

// memory is a memory card with a layout's areas on runs of its own.
type memory struct {
	name    driver.Chip
	chip    driver.Memory
	reopen  func() (driver.Memory, error) // powers the chip anew: only then it takes a second secret
	readers []keyring                     // what may open an area for reading
	open    map[int]bool                  // areas that were opened
}

// ErrMisfit is a layout that names areas of a chip which the chip does not have: a mistake in the layout.
var ErrMisfit = errors.New("the layout does not fit the chip")

// run is a part of a layout's area on one of the chip's.
type run struct {
	area   int // of the chip
	offset int
	size   int
}

// keyable tells whether a counter can give the card codes of its own. Where it cannot, the chips are ordered with the
// utility's: one for all of them.
func (m *memory) keyable() bool {
	_, ok := m.chip.(driver.Rekeyer)
	return ok
}

// numbered tells whether the chip has a serial number of its own: MIFARE.
func (m *memory) numbered() bool {
	_, ok := m.chip.(serial)
	return ok
}

// owner is whose codes a card has: its own number, or none for those of all the utility's cards.
func (m *memory) owner(card UID) UID {
	if m.keyable() {
		return card
	}
	return UID{}
}

// runs are where size bytes at an offset of a layout's area lie on the chip, in order.
func (m *memory) runs(l *cardfile.Layout, area string, offset, size int) (out []run, err error) {
	for _, p := range l.On(string(m.name)) {
		if p.Area != area {
			continue
		}
		for _, e := range p.Runs(offset, size) {
			number := slices.IndexFunc(m.chip.Areas(), func(a driver.Area) bool { return a.Name == e.Area })
			if number < 0 {
				return nil, fmt.Errorf("%w: %s has no area %s", ErrMisfit, m.name, e.Area)
			}
			out = append(out, run{number, e.Offset, e.Size})
		}
	}
	return out, nil
}

func (m *memory) read(l *cardfile.Layout, wanted func(string) bool) (cardfile.Image, error) {
	out := cardfile.Image{}
	for _, p := range l.On(string(m.name)) {
		if !wanted(p.Area) {
			continue
		}
		runs, err := m.runs(l, p.Area, 0, p.Size())
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if err := m.openToRead(r.area); err != nil {
				return nil, err
			}
			b, err := m.chip.Read(r.area, r.offset, r.size)
			if err != nil {
				return nil, err
			}
			out[p.Area] = append(out[p.Area], b...)
		}
	}
	return out, nil
}

// areas are those of the chip that some writes touch.
func (m *memory) areas(l *cardfile.Layout, writes []cardfile.Write) (out []int, err error) {
	for _, w := range writes {
		runs, err := m.runs(l, w.Area, w.Offset, len(w.Data))
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			if !slices.Contains(out, r.area) {
				out = append(out, r.area)
			}
		}
	}
	return out, nil
}

// openToRead presents what the reading of an area wants: the first that the chip takes.
func (m *memory) openToRead(area int) error {
	if m.chip.Areas()[area].Read == driver.Free || m.open[area] {
		return nil
	}
	_, err := m.first(m.readers, func(k keyring) error { return m.present(area, k, m.wants(area, k.maker)[:1]) })
	return err
}

// first tries keyrings until the chip does not refuse one.
func (m *memory) first(all []keyring, try func(keyring) error) (k keyring, err error) {
	for _, k = range all {
		if err = try(k); !errors.Is(err, driver.ErrSecret) && !errors.Is(err, sam.ErrVersion) {
			return k, err
		}
		m.open = nil
		var failed error
		if m.chip, failed = m.reopen(); failed != nil {
			return k, failed
		}
	}
	return k, err
}

// unlock presents each secret that the areas of these writes want, once.
func (m *memory) unlock(l *cardfile.Layout, writes []cardfile.Write, keys keyring) error {
	areas, err := m.areas(l, writes)
	if err != nil {
		return err
	}
	for _, area := range areas {
		if err := m.unlockArea(area, keys); err != nil {
			return err
		}
	}
	return nil
}

// unlockArea presents what the writing of one area wants.
func (m *memory) unlockArea(area int, keys keyring) error {
	wants := m.wants(area, keys.maker)
	if m.chip.Areas()[area].Write == driver.BySectorKey {
		wants = wants[len(wants)-1:] // key B opens it alone
	}
	return m.present(area, keys, wants)
}

func (m *memory) present(area int, keys keyring, wants []want) error {
	for _, want := range wants {
		code, err := keys.code(want.label, want.size)
		if err != nil {
			return err
		}
		if err := m.chip.Unlock(area, driver.Secret{Use: want.use, Code: code}); err != nil {
			return err
		}
	}
	if m.open == nil {
		m.open = map[int]bool{}
	}
	m.open[area] = true
	return nil
}

// want is a secret that an area's writing wants: its size, and from which label it is derived.
type want struct {
	use   driver.Use
	size  int
	label string
}

// wants are the secrets for writing an area, in the order in which they are presented (cards.md §3 to §5).
// A MIFARE sector has two; as delivered, its key A does everything.
func (m *memory) wants(area int, maker bool) []want {
	a := m.chip.Areas()[area]
	code := want{driver.Code, 2, string(m.name)}
	if m.name == driver.SLE4442 {
		code.size = 3
	}
	switch a.Write {
	case driver.ByCode:
		return []want{code}
	case driver.ByCodeAndKey:
		erase := want{driver.EraseKey, 6, string(m.name) + " " + a.Name}
		if a.Name == "az2" {
			erase.size = 4
		}
		return []want{code, erase}
	case driver.ByPassword:
		return []want{{driver.WritePassword, 3, string(m.name) + " " + a.Name}}
	case driver.BySectorKey:
		a, b := want{driver.KeyA, 6, string(m.name) + " A " + a.Name}, want{driver.KeyB, 6, string(m.name) + " B " + a.Name}
		if maker {
			return []want{a}
		}
		return []want{a, b}
	}
	return nil
}

func (m *memory) write(l *cardfile.Layout, w cardfile.Write, _ keyring) error {
	runs, err := m.runs(l, w.Area, w.Offset, len(w.Data))
	if err != nil {
		return err
	}
	at := 0
	for _, r := range runs {
		if err := m.chip.Write(r.area, r.offset, w.Data[at:at+r.size]); err != nil {
			return err
		}
		at += r.size
	}
	return nil
}
