package cardfile

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
)

// Contents is what a card holds, every part proved.
type Contents struct {
	Values Values
	Copies map[string][]State // by record, a state for each of its places
	purse  []State            // of the purse's copies
	newest int                // place of the one that counts
	back   State
	image  Image
	keys   Keys
}

// OneCopy tells that of the purse only one copy is valid: the other is torn or was never written.
func (c *Contents) OneCopy() bool {
	whole := 0
	for _, s := range c.purse {
		if s == Whole {
			whole++
		}
	}
	return len(c.purse) > 1 && whole == 1
}

// Back is the state of what the meter writes: Torn where any of it is, else Whole where any of it was written; 0 where
// the layout has nothing of the kind.
func (c *Contents) Back() State { return c.back }

// Claim reads what the identity says, proving nothing: it is worth nothing until Prove has passed with the keys
// of the meter that it names. It fails with ErrErased or ErrSpelling.
func (l *Layout) Claim(m Image) (v Values, err error) {
	for i := range l.identity.At {
		b := l.identity.bytesAt(m, i)
		if err = nil; erased(b) {
			err = ErrErased
			continue
		}
		if k := l.identity.Check; k != nil && k.sum != nil {
			err = k.verify(b, nil, Keys{}) // a torn copy claims nothing
		}
		if err == nil || len(l.identity.At) == 1 {
			if v, err = l.identity.read(b); err == nil {
				return v, nil
			}
		}
	}
	return nil, err
}

// Prove checks the identity: ErrErased, ErrMAC, ErrSum, ErrSpelling, or a key's own error. One copy of it must be valid.
func (l *Layout) Prove(m Image, keys Keys) error {
	var first error
	for i := range l.identity.At {
		c, err := l.examine(l.identity, i, m, keys)
		if err != nil {
			return err
		}
		if c.err == nil {
			return nil
		}
		first = errors.Join(first, c.err)
	}
	return first
}

// Decode reads an image and proves every part of it. A part of the meter's that is erased or torn is no error: the
// meter renews it, and Copies says so. Of the vendor's it fails with ErrErased, ErrMAC, ErrSum, ErrSpelling,
// ErrConflict or ErrDisagree, or with a key's own error.
func (l *Layout) Decode(m Image, keys Keys) (*Contents, error) {
	c := &Contents{Values: Values{}, Copies: map[string][]State{}, image: m, keys: keys}
	for i := range l.Records {
		if err := l.decode(&l.Records[i], c); err != nil {
			return nil, fmt.Errorf("%s: %w", l.Records[i].Name, err)
		}
	}
	return c, nil
}

// decode reads one record with all its copies.
func (l *Layout) decode(r *record, c *Contents) error {
	copies := make([]copyOf, len(r.At))
	for i := range r.At {
		var err error
		if copies[i], err = l.examine(r, i, c.image, c.keys); err != nil {
			return err
		}
		if copies[i].err == nil && r.Writer == byMeter && !c.Values.agree(copies[i].values) {
			copies[i].err = ErrSpelling // it speaks of another card
		}
		c.Copies[r.Name] = append(c.Copies[r.Name], copies[i].state())
		if s := copies[i].state(); r.Writer == byMeter && c.back != Torn && (s == Torn || s > c.back) {
			c.back = s
		}
	}
	chosen, err := r.choose(copies)
	switch {
	case r.Writer == byMeter && err != nil:
		return nil
	case err != nil:
		return err
	}
	if r == l.purse {
		c.newest, c.purse = chosen, c.Copies[r.Name]
	}
	maps.Copy(c.Values, copies[chosen].values)
	return nil
}

// choose says which copy counts.
func (r *record) choose(copies []copyOf) (int, error) {
	if r.Copies == copiesOlder {
		return newest(copies)
	}
	for _, c := range copies {
		switch {
		case c.err != nil && len(copies) > 1 && !alike(copies):
			return 0, fmt.Errorf("%w: %w", ErrDisagree, c.err)
		case c.err != nil:
			return 0, c.err
		case !bytes.Equal(c.bytes, copies[0].bytes):
			return 0, ErrDisagree
		}
	}
	return 0, nil
}

// alike tells whether all copies hold the same bytes.
func alike(copies []copyOf) bool {
	for _, c := range copies {
		if !bytes.Equal(c.bytes, copies[0].bytes) {
			return false
		}
	}
	return true
}

// newest finds the valid copy of the highest generation; torn ones are passed over, for another is whole. It fails
// with ErrErased, or what is wrong with a written one, when none is valid, with ErrConflict when two of one generation
// differ, or when they name different cards: then one was copied from there, or read there.
func newest(copies []copyOf) (int, error) {
	best := -1
	for i, c := range copies {
		switch {
		case c.err != nil:
		case best >= 0 && !c.values.sameCard(copies[best].values):
			return 0, ErrConflict
		case best < 0 || c.values.Int(Generation) > copies[best].values.Int(Generation):
			best = i
		case c.values.Int(Generation) == copies[best].values.Int(Generation) && !maps.Equal(c.values, copies[best].values):
			return 0, ErrConflict
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("no copy is valid: %w", worst(copies))
	}
	return best, nil
}

// sameCard tells whether what names a card, and no load changes, is equal in both.
func (v Values) sameCard(other Values) bool {
	for _, name := range [...]string{Utility, UID, Number, Meter, Unit} {
		if v[name] != other[name] {
			return false
		}
	}
	return true
}

// agree tells whether no value of other's differs from one of the same name here.
func (v Values) agree(other Values) bool {
	for name, value := range other {
		if have, ok := v[name]; ok && have != value {
			return false
		}
	}
	return true
}

// worst is the error of a copy that was written, else ErrErased.
func worst(copies []copyOf) error {
	for _, c := range copies {
		if c.state() == Torn {
			return c.err
		}
	}
	return ErrErased
}
