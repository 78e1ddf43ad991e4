package cardfile

import (
	"errors"
	"fmt"
	"maps"
)

// Span is a run of bytes of a layout, for people: what stands there, and how it is spelled.
type Span struct {
	Record string
	Copy   int
	Area   string
	Offset int // in the area
	Size   int
	Name   string // "check" for a check
	Means  string // the constant, the encoding with its scale, or the kind of check
}

// Spans lists every run of bytes of the layout, record by record, copy by copy.
func (l *Layout) Spans() (all []Span) {
	for _, r := range l.Records {
		for i, at := range r.At {
			add := func(name string, offset, size int, means string) {
				all = append(all, Span{r.Name, i, at.Area, at.Offset + offset, size, name, means})
			}
			for _, f := range r.Fields {
				add(f.Name, f.Offset, f.width(), f.means())
			}
			if r.Check != nil {
				add(checkStep, r.Check.Offset, r.Check.Size, r.Check.Kind)
			}
		}
	}
	return all
}

func (f *field) means() string {
	switch {
	case f.Const != nil:
		return fmt.Sprintf("constant %X", []byte(f.Const))
	case f.Scale > 1:
		return fmt.Sprintf("%s, in %d", f.Encoding, f.Scale)
	case f.Encoding == encodingBits:
		return fmt.Sprintf("bits %q", f.Bits)
	}
	return f.Encoding
}

// Examples are the vectors that prove the layout, by name.
func (l *Layout) Examples() (names []string) {
	for _, v := range l.Vectors {
		names = append(names, v.Name)
	}
	return names
}

// Example is the file of the example layout for a load rule: what "vendgate layout new" starts from.
func Example(rule string) ([]byte, error) {
	return shipped.ReadFile("layouts/example-" + rule + ".json")
}

// ErrSize is an image that has not the areas of the layout.
var ErrSize = errors.New("the image has not the areas of the layout")

// Peek reads an image without keys: every record that has no MAC, and what state its copies are in. It is for people
// who find out what a card holds; nothing that it says is proved.
func (l *Layout) Peek(m Image) (Values, map[string][]State, error) {
	for _, a := range l.Areas {
		if len(m[a.Name]) != a.Size {
			return nil, nil, fmt.Errorf("%w: %s has %d bytes, not %d", ErrSize, a.Name, len(m[a.Name]), a.Size)
		}
	}
	if len(m) != len(l.Areas) {
		return nil, nil, fmt.Errorf("%w: it has one more", ErrSize)
	}
	values, copies := Values{}, map[string][]State{}
	for i := range l.Records {
		r := &l.Records[i]
		if r.Check != nil && r.Check.Kind == kindCMAC {
			continue
		}
		for j := range r.At {
			c, err := l.examine(r, j, m, Keys{})
			if err != nil {
				return nil, nil, err
			}
			copies[r.Name] = append(copies[r.Name], c.state())
			maps.Copy(values, c.values)
		}
	}
	return values, copies, nil
}
