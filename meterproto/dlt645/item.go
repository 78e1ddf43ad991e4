package dlt645

// Item is what the meter keeps under a data identifier, or under a group of
// identifiers that differ in tariff, phase or age only.
type Item struct {
	Name   string
	Fields []Field // of one value, in wire order

	code uint32 // with 0 where a part varies
	vary group
	more *part // what else of the kind follows a first value, though the identifier does not say so
}

// group is what the identifiers of an item vary in: the parts, and all their bits.
type group struct {
	mask  uint32
	parts []part
}

// part is a part of an identifier that varies: 8 bits in the 2007 edition, a
// nibble or less in that of 1997.
type part struct {
	means       meaning
	shift, bits uint8
	low, high   uint8
	block       bool // all ones ask for every value at once, from first on
	first       uint8
}

// meaning is what a varying part of an identifier tells apart.
type meaning uint8

const (
	byTariff  meaning = iota + 1
	byPhase           // 1 to 3 are A to C, 0 is their sum
	byStorage         // 0 is now, n the n-th back
	byIndex           // the n-th of a list of parameters
)

func (p part) ones() uint32          { return 1<<p.bits - 1 }
func (p part) of(code uint32) uint32 { return code >> p.shift & p.ones() }

func (p part) asksBlock(code uint32) bool { return p.block && p.of(code) == p.ones() }

// Lookup is the item under an identifier whose values fit n bytes, else the first
// under it. Its second result is false where no table has it; its values then stay
// raw.
func Lookup(d DI, n int) (Item, bool) {
	if it, _, _ := find(d, n); it != nil {
		return *it, true
	}
	return Item{}, false
}

// find is the item under an identifier whose values fit size bytes, with their
// number; else the first under it and 0; nil where there is none. phase is what DI2
// stands for. Houses disagree about some lengths, so an identifier may have two items.
func find(d DI, size int) (it *Item, n int, phase uint8) {
	code := d.Code
	if d.Edition == Of2007 {
		code, phase = unphase(code)
	}
	table := tableOf(d)
	for i := range table {
		if !table[i].has(code) {
			continue
		}
		if n := table[i].values(code, size); n > 0 {
			return &table[i], n, phase
		}
		if it == nil {
			it = &table[i]
		}
	}
	return it, 0, phase
}

// values is how many values of the item n bytes hold, 0 where they do not fit.
func (it *Item) values(code uint32, n int) int {
	size, most := it.size(), 1
	if p := it.block(code); p != nil {
		most = int(p.high-p.first) + 1
	}
	if n%size != 0 || n/size > most {
		return 0
	}
	return n / size
}

// block is the part that values follow each other by, nil where there is one
// value only.
func (it *Item) block(code uint32) *part {
	for i := range it.vary.parts {
		if it.vary.parts[i].asksBlock(code) {
			return &it.vary.parts[i]
		}
	}
	return it.more
}

// has reports whether the item's group has the identifier. It is small, to be
// inlined: most rows are not the one.
func (it *Item) has(code uint32) bool {
	return code&^it.vary.mask == it.code && it.vary.takes(code)
}

// takes reports whether every part that varies is within its limits, or asks for a
// block: one part at the most, for in which order would two come?
func (g *group) takes(code uint32) bool {
	blocks := 0
	for i := range g.parts {
		p := &g.parts[i]
		if p.asksBlock(code) {
			blocks++
		} else if v := p.of(code); v < uint32(p.low) || v > uint32(p.high) {
			return false
		}
	}
	return blocks <= 1
}

// IsBlock reports whether an identifier of the item asks for several values at once.
func (it Item) IsBlock(d DI) bool {
	b := it.block(d.Code)
	return b != nil && b != it.more
}

// size is the length of one value.
func (it *Item) size() (n int) {
	for _, f := range it.Fields {
		n += int(f.Size)
	}
	return n
}

// unphase takes the phase out of DI2 of energies and demands, where phase A is
// 14H above the sum, B and C again 14H each (2007 edition, Annex A).
func unphase(code uint32) (uint32, uint8) {
	const step, phases = 0x14, 3
	family, kind := code>>24, code>>16&0xFF
	if family > 1 {
		return code, 0
	}
	for phase := range uint32(phases) {
		base := kind - step*(phase+1)
		if base >= 0x01 && base <= 0x0A || base >= 0x80 && base <= 0x86 {
			return code - step*(phase+1)<<16, uint8(phase + 1)
		}
	}
	return code, 0
}

// tableOf is the table that may have an identifier.
func tableOf(d DI) []Item {
	if d.Edition == Of1997 {
		return items97
	}
	switch family := d.Code >> 24; {
	case family == 0x00:
		return energies
	case family == 0x01:
		return demands
	case family == 0x02:
		return variables
	case family == 0x03, family >= 0x10 && family <= 0x1E:
		return events
	case family == 0x04:
		return parameters
	case family == 0x05:
		return freezes
	}
	return nil
}
