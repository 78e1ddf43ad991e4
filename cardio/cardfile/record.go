package cardfile

import (
	"bytes"
	"errors"
	"slices"
)

// State is what the bytes of one copy of a record are worth.
type State uint8

// A record without a check is Whole when every field is spelled as it must be.
const (
	Erased State = iota + 1
	Torn
	Whole
)

var states = [...]string{Erased: "erased", Torn: "torn", Whole: "whole"}

func (s State) String() string { return states[s] }

// What can be wrong with bytes from a card, or with values for one.
var (
	ErrErased   = errors.New("never written")
	ErrSpelling = errors.New("not spelled as the layout has it")
	ErrMAC      = errors.New("MAC wrong")
	ErrSum      = errors.New("checksum wrong")
	ErrConflict = errors.New("two valid copies of one generation differ")
	ErrDisagree = errors.New("main and backup disagree")
	ErrValue    = errors.New("value does not fit the layout")
	ErrNoRule   = errors.New("the layout does not say how the meter takes credit: its cards can only be read")
)

// Invalid tells bytes that hold nothing, or nothing valid, from a key that cannot compute.
func Invalid(err error) bool {
	return errors.Is(err, ErrErased) || errors.Is(err, ErrMAC) || errors.Is(err, ErrSum) || errors.Is(err, ErrSpelling)
}

// copy is one copy of a record as it was read.
type copyOf struct {
	bytes  []byte
	values Values
	err    error // invalid, or nil
}

func (c copyOf) state() State {
	switch {
	case c.err == nil:
		return Whole
	case errors.Is(c.err, ErrErased):
		return Erased
	default:
		return Torn
	}
}

// bytesAt are the bytes of the record's i-th copy, erased ones where the card has no such area.
func (r *record) bytesAt(m Image, i int) []byte {
	at := r.At[i]
	if len(m[at.Area]) < at.Offset+r.Size {
		return bytes.Repeat([]byte{0xFF}, r.Size)
	}
	return m[at.Area][at.Offset:][:r.Size]
}

// examine reads one copy, its check first. It fails only where a key cannot compute.
func (l *Layout) examine(r *record, i int, m Image, keys Keys) (copyOf, error) {
	c := copyOf{bytes: r.bytesAt(m, i)}
	if erased(c.bytes) && !r.mayBeErased(c.bytes) {
		c.err = ErrErased
		return c, nil
	}
	if r.Check != nil {
		c.err = r.Check.verify(c.bytes, l.prefix(r, i, m), keys)
		if c.err != nil && !Invalid(c.err) {
			return c, c.err
		}
	}
	if c.err == nil {
		c.values, c.err = r.read(c.bytes)
	}
	return c, nil
}

// mayBeErased tells of bytes that read as erased and yet are what they should be: those of a record that is only kept,
// and the zeros of a purse in fixed places whose checksum of zeros is zero.
func (r *record) mayBeErased(b []byte) bool {
	return r.opaque() || r.Writer == byVendor && r.Copies != copiesOlder && uniform(b, 0) && r.Check != nil &&
		r.Check.sum != nil && r.Check.verify(b, nil, Keys{}) == nil
}

// read decodes every field: ErrSpelling.
func (r *record) read(b []byte) (Values, error) {
	v := Values{}
	for i := range r.Fields {
		if !r.Fields[i].read(b, v) {
			return nil, ErrSpelling
		}
	}
	if total, ok := v[Total]; ok && v.Int(Credit) > total.(int64) {
		return nil, ErrSpelling
	}
	return v, nil
}

// spell writes what v has into the bytes of a copy, and seals them.
func (l *Layout) spell(r *record, i int, b []byte, v Values, m Image, keys Keys) error {
	for j := range r.Fields {
		if err := r.Fields[j].write(b, v); err != nil {
			return err
		}
	}
	if r.Check != nil {
		sum, err := r.Check.compute(b, l.prefix(r, i, m), keys)
		if err != nil {
			return err
		}
		copy(b[r.Check.Offset:], sum)
	}
	if again, err := r.read(b); err != nil || len(again) == 0 {
		return ErrValue
	}
	return nil
}

// prefix is what stands before a record in its MAC: the mark of its place, hex digits, or bytes of identity fields.
func (l *Layout) prefix(r *record, i int, m Image) (out []byte) {
	for _, p := range r.Check.Prefix {
		switch f := l.identity.field(p); {
		case p == prefixMark:
			out = append(out, r.At[i].Mark...)
		case f != nil:
			out = append(out, l.identity.bytesAt(m, 0)[f.Offset:][:f.Size]...)
		default:
			var hex hexBytes
			_ = hex.UnmarshalJSON([]byte(`"` + p + `"`)) // compiled before
			out = append(out, hex...)
		}
	}
	return out
}

// opaque tells of a record that is only kept: nothing in it tells erased bytes from others.
func (r *record) opaque() bool {
	return r.Check == nil && !slices.ContainsFunc(r.Fields, func(f field) bool {
		return f.Const != nil || slices.ContainsFunc(f.names(), known)
	})
}

func (r *record) field(name string) *field {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return &r.Fields[i]
		}
	}
	return nil
}

// has tells whether one of the record's values is called so.
func (r *record) has(name string) bool {
	return r != nil && slices.ContainsFunc(r.Fields, func(f field) bool { return slices.Contains(f.names(), name) })
}
