package cardfile

import (
	"bytes"
	"maps"
)

// Image is the bytes of a card's areas, by the layout's names for them. An area that the card does not have yet
// is absent, and reads as erased.
type Image map[string][]byte

// Clone is a copy that shares no byte.
func (m Image) Clone() Image {
	out := maps.Clone(m)
	for name, b := range out {
		out[name] = bytes.Clone(b)
	}
	return out
}

// Equal tells whether both hold the same bytes.
func (m Image) Equal(other Image) bool { return maps.EqualFunc(m, other, bytes.Equal) }

// Write is one write to a card: Data goes to Offset of an area, in this order of the bytes.
type Write struct {
	Area   string
	Offset int
	Data   []byte
}

// apply makes the write on an image.
func (w Write) apply(m Image) { copy(m[w.Area][w.Offset:], w.Data) }

// Plan is what a card has to be written, in order, and what it then holds.
type Plan struct {
	Writes []Write
	New    Image
}

// add appends a write, unless the card holds these bytes already.
func (p *Plan) add(w Write) {
	if !bytes.Equal(p.New[w.Area][w.Offset:][:len(w.Data)], w.Data) {
		p.Writes = append(p.Writes, w)
		w.apply(p.New)
	}
}

// uniform tells whether all bytes are b.
func uniform(bytes []byte, b byte) bool {
	for _, x := range bytes {
		if x != b {
			return false
		}
	}
	return true
}

// erased tells whether no byte was ever written: EEPROM comes as 00 or FF.
func erased(b []byte) bool { return uniform(b, 0x00) || uniform(b, 0xFF) }
