package cardio

import (
	"fmt"
	"slices"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// Of a CPU card's files: an offset beside a short file id is one byte, and one command writes so much beside its MAC
// (cards.md §1: Lc is at most 239).
const (
	largestFile  = 256
	longestWrite = 235
)

// areasOf are the areas that a kind of chip has: a memory chip's as its driver says, a CPU card's purses, and the files that
// an issue can make there. None where there is no such chip.
func areasOf(chip driver.Chip) []driver.Area {
	if chip != driver.FMCOS {
		return driver.AreasOf(chip)
	}
	all := []driver.Area{{Name: "ep", Size: purseSize}, {Name: "ed", Size: purseSize}}
	for sfi := 1; sfi <= 30; sfi++ {
		all = append(all, driver.Area{Name: fmt.Sprintf("file%d", sfi), Size: largestFile})
	}
	return all
}

// Fits holds a layout against the chips that it names: ErrMisfit, with the field of the layout that has no place there.
func Fits(l *cardfile.Layout) error {
	for _, chip := range l.Chips() {
		for _, fits := range [...]func(*cardfile.Layout, string) error{fitsPlaces, fitsFiles, fitsPurse, fitsWrites} {
			if err := fits(l, chip); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrMisfit, chip, err)
			}
		}
		if (chip == string(driver.FMCOS)) != (l.Application(chip) != nil) {
			return fmt.Errorf("%w: %s: an application is the directory of a CPU card, and of no other", ErrMisfit, chip)
		}
	}
	return nil
}

// fitsPlaces demands that each byte of the layout has a byte of the chip, and none of them two.
func fitsPlaces(l *cardfile.Layout, chip string) error {
	areas, taken := areasOf(driver.Chip(chip)), map[string][]string{}
	if areas == nil {
		return driver.ErrChip
	}
	for _, p := range l.On(chip) {
		at := 0
		for _, e := range p.On {
			i := slices.IndexFunc(areas, func(a driver.Area) bool { return a.Name == e.Area })
			if i < 0 {
				return fmt.Errorf("%s lies on %s, and the chip has no such area", l.Owner(p.Area, at), e.Area)
			}
			if err := fitsArea(l, p.Area, at, e, areas[i]); err != nil {
				return err
			}
			if taken[e.Area] == nil {
				taken[e.Area] = make([]string, areas[i].Size)
			}
			for k := range e.Size {
				field := l.Owner(p.Area, at+k)
				if other := taken[e.Area][e.Offset+k]; other != "" {
					return fmt.Errorf("%s and %s both lie on byte %d of %s", other, field, e.Offset+k, e.Area)
				}
				taken[e.Area][e.Offset+k] = field
			}
			at += e.Size
		}
	}
	return nil
}

// fitsFiles demands of a CPU card that an area is a file, and of others nothing: a file is read and written from its start.
func fitsFiles(l *cardfile.Layout, chip string) error {
	for _, p := range l.On(chip) {
		if chip == string(driver.FMCOS) && (len(p.On) != 1 || p.On[0].Offset != 0) {
			return fmt.Errorf("%s: an area of a CPU card is one file, from its first byte", p.Area)
		}
	}
	return nil
}

// fitsArea holds an extent, which begins at a byte of the layout's area, against the chip's area: its end, and its blocks.
func fitsArea(l *cardfile.Layout, area string, at int, e cardfile.Extent, a driver.Area) error {
	if room := max(0, a.Size-e.Offset); e.Size > room {
		return fmt.Errorf("%s lies on byte %d of %s, which has %d", l.Owner(area, at+room), e.Offset+room, e.Area, a.Size)
	}
	if a.Mode == driver.Blocks && (e.Offset%a.Unit != 0 || e.Size%a.Unit != 0) {
		return fmt.Errorf("%s: bytes %d to %d of %s are not whole blocks of %d", l.Owner(area, at), e.Offset, e.Offset+e.Size, e.Area, a.Unit)
	}
	return nil
}

// fitsWrites demands that the chip can make each write of an issue or a load: whole blocks, whole zones, one command.
func fitsWrites(l *cardfile.Layout, chip string) error {
	if l.Rule() == "" { // it is read only
		return nil
	}
	areas := areasOf(driver.Chip(chip))
	for _, p := range l.On(chip) {
		for _, w := range l.Shapes() {
			if w.Area != p.Area {
				continue
			}
			for _, e := range p.Runs(w.Offset, len(w.Data)) {
				a := areas[slices.IndexFunc(areas, func(a driver.Area) bool { return a.Name == e.Area })]
				if !writable(a, e, chip) {
					return fmt.Errorf("%s is written as bytes %d to %d of %s, and the chip cannot write just these",
						l.Owner(p.Area, w.Offset), e.Offset, e.Offset+e.Size, e.Area)
				}
			}
		}
	}
	return nil
}

// writable tells whether one write can touch just these bytes of an area.
func writable(a driver.Area, e cardfile.Extent, chip string) bool {
	switch {
	case chip == string(driver.FMCOS):
		return e.Size <= longestWrite
	case a.Mode == driver.Blocks:
		return e.Offset%a.Unit == 0 && e.Size%a.Unit == 0
	case a.Mode == driver.Erase:
		return e.Offset == 0 && e.Size == a.Size
	}
	return true
}

// fitsPurse holds what a layout says of an e-purse against where its areas lie: that one, and no other, is all of a purse.
func fitsPurse(l *cardfile.Layout, chip string) error {
	said := l.Purse(chip)
	for _, p := range l.On(chip) {
		is := len(p.On) == 1 && purseKind(p.On[0].Area) != 0 && p.On[0].Offset == 0 && p.On[0].Size == purseSize
		if is != (said != nil && said.Area == p.Area) {
			return fmt.Errorf("%s: an e-purse lies on ep or ed, %d bytes, and what lies there is one", p.Area, purseSize)
		}
	}
	return nil
}
