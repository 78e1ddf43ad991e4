package cardfile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
)

// ErrNoIssue is a layout whose cards somebody else makes: a cut issue could not be told from a card in use.
var ErrNoIssue = errors.New("cards of this layout are made by the meter's maker: its identity has no check")

// Issue says what makes a blank card, with the image m, into one that holds v. What v has not is zero, or the
// layout's default. The identity is written last: a card with a valid identity is whole. Of a two-copy record one
// copy is written, and the other is erased.
func (l *Layout) Issue(m Image, v Values, keys Keys) (Plan, error) {
	if l.identity.Check == nil {
		return Plan{}, ErrNoIssue
	}
	v = maps.Clone(v)
	v[Generation] = int64(1)
	p, sealed := Plan{New: m.Clone()}, m.Clone()
	// The identity's fields go into the MACs of the others: it is spelled first, and written last.
	for _, r := range l.vendors() {
		if err := l.fresh(r, sealed, v, keys); err != nil {
			return Plan{}, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	for i := len(l.vendors()) - 1; i >= 0; i-- {
		r := l.vendors()[i]
		for j := len(r.At) - 1; j >= 0; j-- {
			p.add(r.whole(j, bytes.Clone(r.bytesAt(sealed, j))))
		}
	}
	return p, nil
}

// vendors are the records of the vendor, the identity first.
func (l *Layout) vendors() []*record {
	out := []*record{l.identity}
	for i := range l.Records {
		if r := &l.Records[i]; r != l.identity && r.Writer == byVendor {
			out = append(out, r)
		}
	}
	return out
}

// fresh spells a new record into an image.
func (l *Layout) fresh(r *record, m Image, v Values, keys Keys) error {
	for i := range r.At {
		b := r.bytesAt(m, i)
		if i > 0 && r.Copies == copiesOlder {
			copy(b, bytes.Repeat([]byte{0xFF}, len(b)))
			continue
		}
		clear(b)
		for _, f := range r.Fields {
			copy(b[f.Offset:], f.Default)
		}
		if err := l.spell(r, i, b, v, m, keys); err != nil {
			return err
		}
	}
	return nil
}

// WriteBack says what a meter writes on the card whose contents are c, to say v of itself. It is the meter's side:
// emulators and vectors use it.
func (l *Layout) WriteBack(c *Contents, v Values) (Plan, error) {
	p := Plan{New: c.image.Clone()}
	v = maps.Clone(v)
	v[Meter] = c.Values.Text(Meter)
	for i := range l.Records {
		r := &l.Records[i]
		if r.Writer != byMeter {
			continue
		}
		for j := range r.At {
			b := make([]byte, r.Size)
			if err := l.spell(r, j, b, v, c.image, c.keys); err != nil {
				return Plan{}, fmt.Errorf("%s: %w", r.Name, err)
			}
			p.add(r.whole(j, b))
		}
	}
	return p, nil
}

// Whole is an image with every area of the layout: one that is absent is erased.
func (l *Layout) Whole(m Image) Image {
	out := m.Clone()
	for _, a := range l.Areas {
		if out[a.Name] == nil {
			out[a.Name] = bytes.Repeat([]byte{0xFF}, a.Size)
		}
	}
	return out
}

// Writable are writes that touch every byte which the vendor writes: what an issue unlocks.
func (l *Layout) Writable() (all []Write) {
	for _, r := range l.vendors() {
		for i := range r.At {
			all = append(all, r.whole(i, make([]byte, r.Size)))
		}
	}
	return all
}

// Shapes are all writes that an issue or a load can make, their data left out: what each is to be held against on a
// chip that does not write any run of bytes.
func (l *Layout) Shapes() []Write {
	all := l.Writable()
	for _, s := range l.steps {
		all = append(all, l.purse.runs(s, make([]byte, l.purse.Size))...)
	}
	return all
}

// Announced is what the identity of a blank card says already, where its issue was cut before it was sealed; nil where
// it says nothing.
func (l *Layout) Announced(m Image) Values {
	v, err := l.identity.read(l.identity.bytesAt(m, 0))
	if err != nil {
		return nil
	}
	return v
}

// Unsealed is how many bytes of the identity, which an issue writes last, come before its check: with them alone the
// card is still blank, and says already which one it is going to be (Claim).
func (l *Layout) Unsealed() int { return l.identity.Check.Offset }
