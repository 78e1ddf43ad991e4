package cardfile

import (
	"errors"
	"fmt"
	"slices"
)

// compiler collects what is wrong with a layout.
type compiler struct {
	*Layout
	at       *lines
	problems error
}

func (c *compiler) refuse(pointer, format string, args ...any) {
	c.problems = errors.Join(c.problems, c.at.problem(pointer, format, args...))
}

// compile checks everything that the schema cannot, and works out what the engine needs.
func (l *Layout) compile(at *lines) error {
	c := &compiler{Layout: l, at: at}
	for i := range l.Records {
		c.record(i)
	}
	if c.problems != nil {
		return c.problems // what follows counts on records that are sound
	}
	c.cover()
	c.roles()
	c.chips()
	c.tools()
	if c.problems == nil && l.purse != nil {
		c.rule()
		c.ePurse()
		c.steps()
	}
	if c.problems == nil {
		c.vectors()
	}
	return c.problems
}

func (c *compiler) record(i int) {
	r, p := &c.Records[i], fmt.Sprintf("/records/%d", i)
	taken := make([]string, r.Size)
	for j := range r.Fields {
		c.field(r, j, fmt.Sprintf("%s/fields/%d", p, j), taken)
	}
	if r.Check != nil {
		c.check(r, p+"/check", taken)
	}
	if hole := slices.Index(taken, ""); hole >= 0 {
		c.refuse(p, "byte %d of %s has no field: name it, as a constant or as one that is kept", hole, r.Name)
	}
	if one := len(r.At) == 1; one != (r.Copies == "") {
		c.refuse(p+"/at", "%s: copies says how a record is kept in more places than one", r.Name)
	}
	if r.Copies == copiesSame && slices.ContainsFunc(r.At, func(a at) bool { return !slices.Equal(a.Mark, r.At[0].Mark) }) {
		c.refuse(p+"/at", "%s: copies that must agree have the same mark", r.Name)
	}
	if r.Copies == copiesOlder && (len(r.At) != 2 || !r.has(Generation) || !r.sealedToTheEnd()) {
		c.refuse(p, "%s: the two-copy rule wants two places, a generation, and a check at the end over all before it", r.Name)
	}
}

// sealedToTheEnd tells whether the record's check is written last and covers everything.
func (r *record) sealedToTheEnd() bool {
	k := r.Check
	return k != nil && k.Offset+k.Size == r.Size && k.From == 0 && (k.To == 0 || k.To == k.Offset)
}

// take marks bytes of a record as a field's, or says whose they are.
func (c *compiler) take(r *record, pointer, name string, offset, size int, taken []string) bool {
	if offset+size > r.Size {
		c.refuse(pointer, "%s ends at byte %d, past the end of %s, which has %d", name, offset+size, r.Name, r.Size)
		return false
	}
	for i := range taken[offset : offset+size] {
		if owner := taken[offset+i]; owner != "" {
			c.refuse(pointer, "%s and %s overlap at byte %d of %s", name, owner, offset+i, r.Name)
			return false
		}
		taken[offset+i] = name
	}
	return true
}

func (c *compiler) field(r *record, j int, pointer string, taken []string) {
	f := &r.Fields[j]
	c.take(r, pointer, f.Name, f.Offset, f.width(), taken)
	if f.Const != nil {
		if len(f.Const) != f.Size || f.Repeat != 0 || f.Scale != 0 {
			c.refuse(pointer, "%s: a constant has %d bytes and nothing else", f.Name, f.Size)
		}
		return
	}
	f.coding, _ = encodingOf(f.Encoding)
	switch {
	case !f.coding.text && f.Encoding != "mixed" && f.Size > 8:
		c.refuse(pointer, "%s: a number has at most 8 bytes", f.Name)
	case (f.Encoding == "mixed") != (len(f.Radix) > 0) || len(f.Radix) > 0 && len(f.Radix) != f.Size:
		c.refuse(pointer, "%s: mixed, and only mixed, has a radix for each of its bytes", f.Name)
	case (f.Encoding == encodingBits) != (len(f.Bits) > 0) || len(f.Bits) > 8*f.Size:
		c.refuse(pointer, "%s: bits, and only bits, has a name for each bit", f.Name)
	case f.dateSize() != 0 && f.dateSize() != f.Size:
		c.refuse(pointer, "%s: %s has %d bytes", f.Name, f.Encoding, f.dateSize())
	case f.coding.text && f.Scale != 0, f.Encoding == encodingBits && (f.Scale != 0 || f.Repeat != 0 || f.Min != nil || f.Max != nil):
		c.refuse(pointer, "%s: only numbers have a scale, and bits no limits", f.Name)
	case len(f.Pad) > 1 || len(f.Pad) == 1 && f.Encoding != "ascii":
		c.refuse(pointer, "%s: pad is one byte, of ascii", f.Name)
	case f.Default != nil && (len(f.Default) != f.width() || known(f.Name)):
		c.refuse(pointer, "%s: a default has %d bytes, and is for fields that are only kept", f.Name, f.width())
	}
}

// dateSize is how many bytes a date has, 0 for what is none.
func (f *field) dateSize() int {
	return map[string]int{"date-yymmdd": 3, "date-yyyymmdd": 4, "time-yymmddhhmmss": 6}[f.Encoding]
}

func (c *compiler) check(r *record, pointer string, taken []string) {
	k := r.Check
	if !c.take(r, pointer, checkStep, k.Offset, k.Size, taken) {
		return
	}
	to := k.To
	if to == 0 {
		to = k.Offset
	}
	size, isSum := k.resolve()
	switch {
	case to > r.Size || k.From >= to:
		c.refuse(pointer, "%s: the check covers bytes %d to %d: there are none", r.Name, k.From, to)
	case k.From < k.Offset+k.Size && to > k.Offset:
		c.refuse(pointer, "%s: the check covers itself", r.Name)
	case isSum && (k.Size != size || k.Key != "" || k.Prefix != nil):
		c.refuse(pointer, "%s: %s has %d bytes, no key and no prefix", r.Name, k.Kind, size)
	case !isSum && (k.Key == "" || k.Size < 4):
		c.refuse(pointer, "%s: a MAC names its key and has at least 4 bytes", r.Name)
	}
}

// cover demands that every byte of every area belongs to one record.
func (c *compiler) cover() {
	areas := map[string][]string{}
	for i, a := range c.Areas {
		if areas[a.Name] != nil {
			c.refuse(fmt.Sprintf("/areas/%d", i), "area %s stands here a second time", a.Name)
		}
		areas[a.Name] = make([]string, a.Size)
	}
	for i := range c.Records {
		r := &c.Records[i]
		for j, at := range r.At {
			pointer := fmt.Sprintf("/records/%d/at/%d", i, j)
			if at.Offset+r.Size > len(areas[at.Area]) {
				c.refuse(pointer, "%s ends at byte %d of %s, which has %d", r.Name, at.Offset+r.Size, at.Area, len(areas[at.Area]))
				continue
			}
			for k := range r.Size {
				if owner := areas[at.Area][at.Offset+k]; owner != "" {
					c.refuse(pointer, "%s and %s overlap at byte %d of %s", r.Name, owner, at.Offset+k, at.Area)
					break
				}
				areas[at.Area][at.Offset+k] = r.Name
			}
		}
	}
	for i, a := range c.Areas {
		if hole := slices.Index(areas[a.Name], ""); hole >= 0 && c.problems == nil {
			c.refuse(fmt.Sprintf("/areas/%d", i), "byte %d of %s belongs to no record", hole, a.Name)
		}
	}
}
