package driver

// AreasOf lists the areas of a kind of memory chip with none at hand, as Open's Areas does: nil for a chip that has no
// driver, and for a CPU card, whose areas are files that somebody makes. What an AT88SC1608's zones want each chip says
// for itself; here they are free.
func AreasOf(chip Chip) []Area {
	if m := kindOf(chip); m != nil {
		return m.Areas()
	}
	return nil
}

// kindOf is a memory chip of that kind that nobody can talk to.
func kindOf(chip Chip) interface{ Areas() []Area } {
	switch chip {
	case SLE4442:
		return &sle{sleKind: sle4442()}
	case SLE4428:
		return &sle{sleKind: sle4428()}
	case AT88SC102:
		return &at88sc102{}
	case AT88SC1608:
		open := byte(0xFF)
		return &at88sc1608{access: []byte{open, open, open, open, open, open, open, open}}
	case Mifare1K, Mifare4K:
		return &classic{sectors: sectorsOf(chip)}
	}
	for _, k := range at24cs {
		if k.chip == chip {
			return &at24c{at24cKind: k}
		}
	}
	return nil
}

// sectorsOf is how many sectors a MIFARE Classic has, 0 for any other chip.
func sectorsOf(chip Chip) int {
	switch chip {
	case Mifare1K:
		return 16
	case Mifare4K:
		return 40
	}
	return 0
}
