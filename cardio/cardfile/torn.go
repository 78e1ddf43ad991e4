package cardfile

import (
	"bytes"
	"slices"
)

// Fate is what became of a load into fixed places, as far as bytes tell.
type Fate uint8

// The fates. What the meter writes is not looked at.
const (
	AsOld   Fate = iota + 1 // all is as it was before
	AsNew                   // all is as the load wanted it
	Mixed                   // torn: only bytes that the load writes differ from before
	Strange                 // bytes differ that a load does not write: somebody else wrote the card
)

// Compare holds what a card holds now against the images before and after a load.
func (l *Layout) Compare(now, before, after Image) Fate {
	asOld, asNew, strange := true, true, false
	for i := range l.Records {
		r := &l.Records[i]
		if r.Writer != byVendor {
			continue
		}
		for j := range r.At {
			n, o, a := r.bytesAt(now, j), r.bytesAt(before, j), r.bytesAt(after, j)
			for k := range n {
				asOld, asNew = asOld && n[k] == o[k], asNew && n[k] == a[k]
				strange = strange || n[k] != o[k] && !l.writes(r, k)
			}
		}
	}
	switch {
	case asNew:
		return AsNew
	case asOld:
		return AsOld
	case strange:
		return Strange
	}
	return Mixed
}

// writes tells whether what the journal keeps writes that byte of a record: a load into fixed places, or, of a layout
// whose loads need no journal, a keying anew (Reseal).
func (l *Layout) writes(r *record, at int) bool {
	if l.TwoCopies() {
		return r.covers([]string{KeyVersion, checkStep}, at)
	}
	return r == l.purse && slices.ContainsFunc(l.steps, func(s step) bool { return r.covers(s.Fields, at) })
}

// covers tells whether a byte belongs to one of the named fields.
func (r *record) covers(names []string, at int) bool {
	return slices.ContainsFunc(r.spans(names), func(span [2]int) bool { return span[0] <= at && at < span[1] })
}

// Restore says what brings the purse of a torn card to what it is in an image, in the order of a load.
func (l *Layout) Restore(now, to Image) Plan {
	p := Plan{New: now.Clone()}
	for _, s := range l.steps {
		for _, w := range l.purse.runs(s, bytes.Clone(l.purse.bytesAt(to, s.Copy))) {
			p.add(w)
		}
	}
	return p
}

// Took tells whether the meter, by what it wrote back on the card as it is now, has taken what an image has.
func (l *Layout) Took(now, image Image, keys Keys) bool {
	would := now.Clone()
	for _, at := range l.purse.At {
		copy(would[at.Area][at.Offset:][:l.purse.Size], image[at.Area][at.Offset:])
	}
	c, err := l.Decode(would, keys)
	if err != nil || c.Back() != Whole {
		return false
	}
	return l.Holds(BackCount) && l.Holds(Count) && c.Values.Int(BackCount) >= c.Values.Int(Count) ||
		l.Holds(BackLoaded) && l.Holds(Total) && c.Values.Int(BackLoaded) >= c.Values.Int(Total)
}
