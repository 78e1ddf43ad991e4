package bankfile

import (
	"slices"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/vending"
)

// Entry is what we have of the same: a transfer of our books.
type Entry struct {
	ID        uuid.UUID
	Day       vending.Date
	Customer  int64 // 0 where it is nobody's
	Reference string
	Fen       int64
}

// Pair is a line and the entry that it says.
type Pair struct {
	Line  Line
	Entry Entry
}

// Matched is how a file stands against the books.
type Matched struct {
	Pairs  []Pair
	Theirs []Line  // they have it, we have not
	Ours   []Entry // we have it, they have not
}

// Match holds lines against entries, each of both once at most. A reference
// that is the same on both sides decides first. What is left is paired by
// customer and amount within so many days, the nearest days first, unless both
// sides name a reference and they differ: that is a difference for a person.
func Match(all []Line, entries []Entry, days int) (m Matched) {
	p := pairing{used: map[uuid.UUID]bool{}, byReference: map[string][]Entry{}, byAmount: map[amount][]Entry{}}
	for _, e := range entries {
		if e.Reference != "" {
			p.byReference[e.Reference] = append(p.byReference[e.Reference], e)
		}
		p.byAmount[amount{e.Fen, e.Customer}] = append(p.byAmount[amount{e.Fen, e.Customer}], e)
		if e.Customer != 0 {
			p.byAmount[amount{e.Fen, anybody}] = append(p.byAmount[amount{e.Fen, anybody}], e)
		}
	}
	left := p.pass(all, func(l Line) []Entry { return p.byReference[l.Reference] }, func(Line, Entry) bool { return true })
	for near := range days + 1 { // whose days are the same come before those a day apart
		left = p.pass(left, p.alike, func(l Line, e Entry) bool {
			return (l.Reference == "" || e.Reference == "") && apart(l, e) <= near
		})
	}
	ours := slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return p.used[e.ID] })
	return Matched{p.pairs, left, ours}
}

// amount of a customer, or of anybody where the customer is not said.
type amount struct{ fen, customer int64 }

const anybody = -1

// pairing is lines and entries being paired.
type pairing struct {
	used        map[uuid.UUID]bool
	pairs       []Pair
	byReference map[string][]Entry
	byAmount    map[amount][]Entry
}

// alike are entries of the line's amount that may be its customer's.
func (p *pairing) alike(l Line) []Entry {
	nobodys := p.byAmount[amount{l.Fen, 0}]
	if l.Customer == 0 {
		return slices.Concat(p.byAmount[amount{l.Fen, anybody}], nobodys)
	}
	return slices.Concat(p.byAmount[amount{l.Fen, l.Customer}], nobodys)
}

// pass pairs each line with the candidate that lies the fewest days apart, and
// returns the lines that found none.
func (p *pairing) pass(lines []Line, candidates func(Line) []Entry, may func(Line, Entry) bool) (left []Line) {
	for _, l := range lines {
		var best *Entry
		list := candidates(l)
		for i, e := range list {
			if !p.used[e.ID] && e.Fen == l.Fen && sameCustomer(l, e) && may(l, e) && (best == nil || apart(l, e) < apart(l, *best)) {
				best = &list[i]
			}
		}
		if best == nil {
			left = append(left, l)
			continue
		}
		p.used[best.ID] = true
		p.pairs = append(p.pairs, Pair{l, *best})
	}
	return left
}

// sameCustomer is false where both sides name a customer, and not the same.
func sameCustomer(l Line, e Entry) bool {
	return l.Customer == 0 || e.Customer == 0 || l.Customer == e.Customer
}

// apart is how many days lie between them.
func apart(l Line, e Entry) int { return max(int(l.Day)-int(e.Day), int(e.Day)-int(l.Day)) }
