package cardfile

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// Order is one write of the purse.
type Order struct {
	Count    int64
	Credit   int64  // what the card shows: 0 where credit is taken back
	Change   int64  // of the total: Credit, or below zero
	Total    int64  // after it
	Purchase string // id, 16 bytes in hex
	Prices   []Step // for the meter; none: what is on the card stays
}

// Plan says what has to be written to bring an order onto the card whose contents are c. It fails with ErrNoRule,
// with ErrValue, or with a key's own error; then nothing may be written.
func (l *Layout) Plan(c *Contents, o Order) (Plan, error) {
	if l.purse == nil {
		return Plan{}, ErrNoRule
	}
	next, err := l.next(c.Values, o)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{New: c.image.Clone()}
	copies := make([][]byte, len(l.purse.At))
	for i := range copies {
		copies[i] = bytes.Clone(l.purse.bytesAt(c.image, c.newest))
		if err := l.spell(l.purse, i, copies[i], next, c.image, c.keys); err != nil {
			return Plan{}, fmt.Errorf("%s: %w", l.purse.Name, err)
		}
	}
	if l.TwoCopies() {
		older := 1 - c.newest
		p.add(l.purse.whole(older, copies[older]))
		return p, nil
	}
	for _, s := range l.steps {
		for _, w := range l.purse.runs(s, copies[s.Copy]) {
			p.add(w)
		}
	}
	return p, nil
}

// whole writes all of one copy, its check last.
func (r *record) whole(i int, b []byte) Write { return Write{r.At[i].Area, r.At[i].Offset, b} }

// runs are the writes of a step: neighbouring fields go together.
func (r *record) runs(s step, b []byte) (out []Write) {
	end := -1
	for _, span := range r.spans(s.Fields) {
		w := Write{r.At[s.Copy].Area, r.At[s.Copy].Offset + span[0], b[span[0]:span[1]]}
		if span[0] == end {
			last := &out[len(out)-1]
			last.Data = b[last.Offset-r.At[s.Copy].Offset : span[1]]
		} else {
			out = append(out, w)
		}
		end = span[1]
	}
	return out
}

// spans are where the named fields and "check" lie, from and to, in the order of the bytes.
func (r *record) spans(names []string) (out [][2]int) {
	for _, name := range names {
		if f := r.field(name); f != nil {
			out = append(out, [2]int{f.Offset, f.Offset + f.width()})
		} else if name == checkStep {
			out = append(out, [2]int{r.Check.Offset, r.Check.Offset + r.Check.Size})
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int { return a[0] - b[0] })
	return out
}

// next are the values of the purse after the order.
func (l *Layout) next(now Values, o Order) (Values, error) {
	if before, ok := now[Total]; ok && before.(int64)+o.Change != o.Total {
		return nil, fmt.Errorf("%w: total %d and %d do not make %d", ErrValue, before, o.Change, o.Total)
	}
	v := Values{Count: o.Count, Credit: o.Credit, Total: o.Total, Purchase: o.Purchase}
	switch l.file.Rule {
	case RuleHistory:
		v[Credit1], v[Credit2] = now.Int(Credit)+min(0, o.Change), now[Credit1]
	case RuleCounter:
		if o.Change < 0 {
			return nil, fmt.Errorf("%w: a meter that goes by the count would refuse the card", ErrValue)
		}
	case RuleBalance:
		if o.Change < 0 {
			return nil, fmt.Errorf("%w: an e-purse is loaded, and only its meter takes from it", ErrValue)
		}
		v[Balance] = now.Int(Balance) + o.Change
	}
	if err := l.spellPrices(v, o.Prices); err != nil {
		return nil, err
	}
	if l.TwoCopies() {
		if now.Int(Generation) == math.MaxUint32 {
			return nil, fmt.Errorf("%w: its generations are used up, issue a new card", ErrValue)
		}
		v[Generation] = now.Int(Generation) + 1
	}
	return v, nil
}

// changing are the fields of the purse that a load changes, and "check" where it has one.
func (l *Layout) changing() (names []string) {
	for _, name := range [...]string{Count, Credit, Credit1, Credit2, Total, Balance, Purchase, Generation, Prices, Bounds} {
		if l.purse.field(name) != nil {
			names = append(names, name)
		}
	}
	if l.purse.Check != nil {
		names = append(names, checkStep)
	}
	return names
}

// checkStep names the check in a step.
const checkStep = "check"

// safestOrder is how a load writes a maker's fixed places, unless the layout says otherwise: the backup first, then
// the main copy, and its count last of all, so that a meter sees no new count over an old credit.
func (l *Layout) safestOrder() (steps []step) {
	all := l.changing()
	for i := len(l.purse.At) - 1; i > 0; i-- {
		steps = append(steps, step{Copy: i, Fields: all})
	}
	count := slices.Index(all, Count)
	if count < 0 {
		return append(steps, step{Fields: all})
	}
	return append(steps, step{Fields: slices.Delete(slices.Clone(all), count, count+1)}, step{Fields: []string{Count}})
}
