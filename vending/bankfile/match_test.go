package bankfile

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending"
)

func drawEntries(t *rapid.T) (entries []Entry) {
	for i := range rapid.IntRange(0, 8).Draw(t, "entries") {
		l := drawLine(t)
		e := Entry{ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)), Day: vending.Date(rapid.IntRange(0, 4).Draw(t, "day")), Customer: l.Customer,
			Reference: rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "reference"), Fen: rapid.Int64Range(1, 2).Draw(t, "fen")}
		entries = append(entries, e)
	}
	return entries
}

func drawLines(t *rapid.T) (lines []Line) {
	for i, e := range drawEntries(t) {
		lines = append(lines, Line{No: i + 1, Day: e.Day, Customer: e.Customer, Reference: e.Reference, Fen: e.Fen})
	}
	Identify("agent:post", lines)
	return lines
}

// Each line and each entry is in exactly one place, whatever there is, and a pair
// is of one amount.
func TestMatchIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines, entries := drawLines(t), drawEntries(t)
		m := Match(lines, entries, rapid.IntRange(0, 4).Draw(t, "days"))
		seenLine, seenEntry := map[uuid.UUID]int{}, map[uuid.UUID]int{}
		sum := int64(0)
		for _, p := range m.Pairs {
			if p.Line.Fen != p.Entry.Fen || !sameCustomer(p.Line, p.Entry) ||
				p.Line.Reference != p.Entry.Reference && p.Line.Reference != "" && p.Entry.Reference != "" {
				t.Fatalf("%+v", p)
			}
			seenLine[p.Line.ID]++
			seenEntry[p.Entry.ID]++
			sum += p.Line.Fen
		}
		for _, l := range m.Theirs {
			seenLine[l.ID]++
			sum += l.Fen
		}
		for _, e := range m.Ours {
			seenEntry[e.ID]++
		}
		total := int64(0)
		for _, l := range lines {
			if total += l.Fen; seenLine[l.ID] != 1 {
				t.Fatalf("%+v is in %d places", l, seenLine[l.ID])
			}
		}
		for _, e := range entries {
			if seenEntry[e.ID] != 1 {
				t.Fatalf("%+v is in %d places", e, seenEntry[e.ID])
			}
		}
		if sum != total {
			t.Fatalf("matched and unmatched are %d, the file %d", sum, total)
		}
	})
}

// What could still be paired is not left over: no line and entry that are alike
// in reference, amount and customer remain on both sides.
func TestNothingAlikeIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := Match(drawLines(t), drawEntries(t), 1)
		for _, l := range m.Theirs {
			for _, e := range m.Ours {
				if l.Fen == e.Fen && l.Customer == e.Customer && l.Reference == e.Reference && (l.Reference != "" || apart(l, e) <= 1) {
					t.Fatalf("%+v and %+v are left", l, e)
				}
			}
		}
	})
}

// The same line has the same id in every file of an account, and lines that are
// alike have ids of their own.
func TestIdentify(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		again := append([]Line{}, lines...)
		for i := range again {
			again[i].No += 7
		}
		Identify("agent:post", again)
		seen := map[uuid.UUID]bool{}
		for i, l := range lines {
			if l.ID != again[i].ID || seen[l.ID] {
				t.Fatalf("%+v, %+v", l, again[i])
			}
			seen[l.ID] = true
		}
		Identify("agent:bank", again)
		for _, l := range again {
			if seen[l.ID] {
				t.Fatalf("%+v is another account's", l)
			}
		}
	})
}
