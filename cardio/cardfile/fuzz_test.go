package cardfile

import (
	"bytes"
	"testing"
)

// agreeable takes any MAC for right, so that the fuzzer gets past it: whatever is asked of it, it gives the bytes that it
// was told stand on the card.
type agreeable struct{ tag [16]byte }

func (k agreeable) CMAC([]byte) ([16]byte, error) { return k.tag, nil }

// FuzzDecode gives cards of any bytes to every layout: no panic, and what is taken for a value spells the same bytes.
func FuzzDecode(f *testing.F) {
	all, err := Shipped()
	if err != nil {
		f.Fatal(err)
	}
	for which, l := range all {
		for i := range l.Vectors {
			m, _, _ := opened(f, l, i)
			var flat []byte
			for _, a := range l.Areas {
				flat = append(flat, m[a.Name]...)
			}
			f.Add(byte(which), flat)
		}
	}
	f.Add(byte(0), bytes.Repeat([]byte{0xFF}, 64))
	f.Fuzz(func(t *testing.T, which byte, flat []byte) {
		l := all[int(which)%len(all)]
		m := Image{}
		for _, a := range l.Areas {
			n := min(a.Size, len(flat))
			m[a.Name], flat = bytes.Clone(flat[:n]), flat[n:]
		}
		_, _, _ = l.Matches(m), l.Blank(m), l.Tool(m)
		_, _ = l.Claim(m)
		for i := range l.Records {
			r := &l.Records[i]
			for j := range r.At {
				respell(t, l, r, j, m)
			}
		}
	})
}

// respell examines one copy, and where it is whole spells its values over it: nothing changes.
func respell(t *testing.T, l *Layout, r *record, j int, m Image) {
	b := r.bytesAt(m, j)
	key := agreeable{}
	if r.Check != nil && r.Check.Kind == kindCMAC {
		copy(key.tag[:], b[r.Check.Offset:][:r.Check.Size])
	}
	keys := Keys{Purse: key, WriteBack: key}
	c, err := l.examine(r, j, m, keys)
	if err != nil {
		t.Fatal(err)
	}
	if c.err != nil {
		return
	}
	again := bytes.Clone(b)
	if err := l.spell(r, j, again, c.values, m, keys); err != nil || !bytes.Equal(again, b) {
		t.Errorf("%s, %s: %v: %v\n%x\n%x", l.Name(), r.Name, c.values, err, b, again)
	}
}
