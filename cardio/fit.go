package cardio

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vendgate/vendgate/cardio/cardfile"
	"github.com/vendgate/vendgate/cardio/driver"
)

// sizeOf is how many bytes an area of a kind of chip has, 0 where there is no such chip or area. A driver says the same
// of a chip that is there; a layout is held against this before.
func sizeOf(chip driver.Chip, area string) int {
	number, _ := strconv.Atoi(strings.TrimLeft(area, "abcdefghijklmnopqrstuvwxyz"))
	kind := strings.TrimRight(area, "0123456789")
	switch {
	case chip == driver.SLE4442 && area == "main":
		return 256
	case chip == driver.SLE4428 && area == "main":
		return 1021
	case chip == driver.AT88SC102 && (area == "az1" || area == "az2"):
		return 64
	case chip == driver.AT88SC1608 && kind == "zone" && number < 8:
		return 256
	case chip == driver.Mifare1K && number > 15, chip == driver.Mifare4K && number > 39:
		return 0
	case (chip == driver.Mifare1K || chip == driver.Mifare4K) && kind == "sector":
		return sectorSize(number)
	case chip == driver.FMCOS && purseKind(area) != 0:
		return purseSize
	case chip == driver.FMCOS && kind == "file" && number > 0 && number < 31:
		return 256 // an offset beside a short file id is one byte
	}
	if _, kbit, found := strings.Cut(string(chip), "at24c"); found && area == "main" {
		n, _ := strconv.Atoi(kbit)
		return n * 128
	}
	return 0
}

// sectorSize is that of a MIFARE sector without its trailer, and of the first without the maker's block.
func sectorSize(n int) int {
	switch {
	case n == 0:
		return 32
	case n < 32:
		return 48
	}
	return 240
}

// fitsPurse holds what a layout says of an e-purse against where its areas lie: that one, and no other, is all of a purse.
func fitsPurse(l *cardfile.Layout, chip string) error {
	said := l.Purse(chip)
	for _, p := range l.On(chip) {
		is := len(p.On) == 1 && purseKind(p.On[0].Area) != 0 && p.On[0].Offset == 0 && p.On[0].Size == purseSize
		if is != (said != nil && said.Area == p.Area) {
			return fmt.Errorf("%w: %s: %s: an e-purse lies on ep or ed, %d bytes, and what lies there is one", ErrMisfit, chip, p.Area, purseSize)
		}
	}
	return nil
}

// Fits holds a layout against the chips that it names: ErrMisfit.
func Fits(l *cardfile.Layout) error {
	for _, chip := range l.Chips() {
		for _, p := range l.On(chip) {
			for _, e := range p.On {
				if size := sizeOf(driver.Chip(chip), e.Area); e.Offset+e.Size > size {
					return fmt.Errorf("%w: %s: %s ends at byte %d of %s, which has %d", ErrMisfit, chip, p.Area, e.Offset+e.Size, e.Area, size)
				}
			}
		}
		if err := fitsPurse(l, chip); err != nil {
			return err
		}
		if (chip == string(driver.FMCOS)) != (l.Application(chip) != nil) {
			return fmt.Errorf("%w: %s: an application is the directory of a CPU card, and of no other", ErrMisfit, chip)
		}
	}
	return nil
}
