package cardfile

import (
	"bytes"
	"slices"
)

// Rekeys tells whether its cards can be sealed anew with keys of another version while they are in use: the identity says
// the version, all that the vendor writes is sealed with the meter's keys, and of the purse there are two copies.
func (l *Layout) Rekeys() bool {
	sealed := func(r *record) bool { return r.Check != nil && r.Check.Kind == kindCMAC }
	return l.TwoCopies() && l.identity.has(KeyVersion) && len(l.identity.At) == 1 && !slices.ContainsFunc(l.vendors(), func(r *record) bool {
		return !sealed(r) || r != l.identity && r != l.purse
	})
}

// Rekeyed is the image of the card whose contents are c, sealed with keys of another version. Only the version and the
// checks differ; a copy of the purse that is not valid stays so. What the meter wrote keeps its own seal. It fails with
// a key's own error.
func (l *Layout) Rekeyed(c *Contents, version int64, keys Keys) (Image, error) {
	out := c.image.Clone()
	if err := l.identity.field(KeyVersion).write(l.identity.bytesAt(out, 0), Values{KeyVersion: version}); err != nil {
		return nil, err
	}
	if err := l.reseal(l.identity, 0, out, keys); err != nil {
		return nil, err
	}
	for i, state := range c.purse {
		if state != Whole {
			continue
		}
		if err := l.reseal(l.purse, i, out, keys); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// reseal computes the check of one copy anew.
func (l *Layout) reseal(r *record, i int, m Image, keys Keys) error {
	b := r.bytesAt(m, i)
	sum, err := r.Check.compute(b, l.prefix(r, i, m), keys)
	copy(b[r.Check.Offset:], sum)
	return err
}

// Reseal says what makes of a card that holds now one that holds to, which Rekeyed gave: the seals of the purse, the older
// copy first, then the version, and the identity's seal last. As long as the newest purse has its old seal, the card is
// one of the old version, and whole; once the identity has its new one, it is one of the new version, and whole. In between
// nobody takes it for either: neither counter nor meter.
func (l *Layout) Reseal(now, to Image) Plan {
	p := Plan{New: now.Clone()}
	for _, i := range l.byAge(to) {
		p.add(l.purse.part(i, to, checkStep))
	}
	p.add(l.identity.part(0, to, KeyVersion))
	p.add(l.identity.part(0, to, checkStep))
	return p
}

// byAge are the places of the purse's copies, that of the newest last.
func (l *Layout) byAge(m Image) []int {
	age := func(i int) int64 {
		v, err := l.purse.read(l.purse.bytesAt(m, i))
		if err != nil {
			return -1
		}
		return v.Int(Generation)
	}
	if age(0) > age(1) {
		return []int{1, 0}
	}
	return []int{0, 1}
}

// part is the write of one field, or of the check, of a copy.
func (r *record) part(i int, m Image, name string) Write {
	span := r.spans([]string{name})[0]
	return Write{r.At[i].Area, r.At[i].Offset + span[0], bytes.Clone(r.bytesAt(m, i)[span[0]:span[1]])}
}
