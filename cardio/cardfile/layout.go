package cardfile

import (
	"bytes"
	"slices"
	"strings"
)

// Names of values that mean something beyond the layout. Every other name is the layout's own: such a value is
// shown, and kept as it is.
const (
	Utility    = "utility" // the company's number
	UID        = "uid"     // of the chip, in hex
	Number     = "number"  // of the card, or of the user who has it
	Meter      = "meter"   // its number
	KeyVersion = "key_version"
	Unit       = "unit" // 1 litre, 2 Wh, 3 fen

	Generation = "generation" // of a two-copy record: one more with each write
	Count      = "count"      // purchases (购气次数)
	Credit     = "credit"     // of the last purchase
	Credit1    = "credit_1"   // of the one before (rule history)
	Credit2    = "credit_2"   // of the one before that
	Total      = "total"      // of all purchases
	Balance    = "balance"    // of an e-purse: what the meter has not taken
	Purchase   = "purchase"   // id of the last one, 16 bytes in hex

	Prices = "prices" // fen per 1,000 of what a meter that counts money measures; repeated: a step each
	Bounds = "bounds" // where a step ends, in what the meter measures; repeated; 0 where none follows

	BackSequence   = "back.sequence" // the meter's own words about itself (返写)
	BackTime       = "back.time"     // Unix seconds
	BackCount      = "back.count"
	BackLoaded     = "back.loaded"
	BackRemaining  = "back.remaining"
	BackConsumed   = "back.consumed"
	BackValveOpen  = "back.valve_open"
	BackBatteryLow = "back.battery_low"
	BackTamper     = "back.tamper"
	BackMonthEnd   = "back.month_end" // repeated: .0 is the newest
	BackPrices     = "back.prices"    // what the meter charges now
	BackBounds     = "back.bounds"
)

// Load rules (DESIGN.md §3), as a layout names them.
const (
	RuleCounter    = "counter"
	RuleCumulative = "cumulative"
	RuleHistory    = "history"
	RuleBalance    = "balance" // of an e-purse: the meter takes from the balance what it wants
)

const (
	encodingBits = "bits"
	prefixMark   = "mark"
)

// Layout knows what the bytes of one kind of card mean. It never changes and is safe for concurrent use.
type Layout struct {
	file
	identity *record // has the number
	purse    *record // has the credit; nil where cards can only be read
	steps    []step  // of a load into fixed places
}

// Name is the layout's name.
func (l *Layout) Name() string { return l.file.Name }

// IsExample tells of a layout that is there to start from, and that no card in the field has.
func (l *Layout) IsExample() bool { return strings.HasPrefix(l.file.Name, "example-") }

// Title says in a line what the layout is.
func (l *Layout) Title() string { return l.file.Title }

// Source says where the layout is known from.
func (l *Layout) Source() string { return l.file.Source }

// Rule is its load rule, "" where that is not known.
func (l *Layout) Rule() string { return l.file.Rule }

// Unit is what its quantities count, "" where a card says so itself.
func (l *Layout) Unit() string { return l.file.Unit }

// Chips are the kinds of chip that it is used on.
func (l *Layout) Chips() []string {
	var names []string
	for _, c := range l.file.Chips {
		names = append(names, c.Names...)
	}
	return names
}

// On says where its areas lie on that kind of chip, in the order of the layout's areas; nil where it is not used there.
func (l *Layout) On(name string) []Place { return l.chip(name).Places }

// Purse is the e-purse that one of its areas is on that kind of chip; nil where all are bytes.
func (l *Layout) Purse(name string) *Purse { return l.chip(name).Purse }

// Application is the name of the directory in which its files lie on a CPU card of that kind.
func (l *Layout) Application(name string) []byte { return l.chip(name).Application }

func (l *Layout) chip(name string) chip {
	for _, c := range l.file.Chips {
		if slices.Contains(c.Names, name) {
			return c
		}
	}
	return chip{}
}

// Holds tells whether its cards hold a value of that name.
func (l *Layout) Holds(name string) bool {
	for i := range l.Records {
		if l.Records[i].has(name) {
			return true
		}
	}
	return false
}

// Scale is what one of the numbers of that name counts, in the layout's unit; 1 where its cards hold none.
func (l *Layout) Scale(name string) int64 {
	for i := range l.Records {
		if f := l.Records[i].field(name); f != nil {
			return f.scale()
		}
	}
	return 1
}

// Owner names the field to which a byte of an area belongs, with its record: what a mistake in the layout is told by.
func (l *Layout) Owner(area string, offset int) string {
	for i := range l.Records {
		r := &l.Records[i]
		for _, at := range r.At {
			if k := offset - at.Offset; at.Area == area && 0 <= k && k < r.Size {
				return r.Name + "." + r.owner(k)
			}
		}
	}
	return area
}

// owner names the field to which a byte of the record belongs, or its check.
func (r *record) owner(at int) string {
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Offset <= at && at < f.Offset+f.width() {
			return f.Name
		}
	}
	return checkStep
}

// TwoCopies tells whether a write that is cut leaves the older copy whole, by itself (cards.md §7). Without it a
// load needs the whole image in a journal.
func (l *Layout) TwoCopies() bool { return l.purse != nil && l.purse.Copies == copiesOlder }

// MACed tells whether a part of its cards has a MAC, so that reading wants the meter's keys.
func (l *Layout) MACed() bool {
	return slices.ContainsFunc(l.Records, func(r record) bool { return r.Check != nil && r.Check.Kind == kindCMAC })
}

// Written are the areas that hold something the vendor writes: those that a load reads back.
func (l *Layout) Written() map[string]bool {
	areas := map[string]bool{}
	for _, r := range l.Records {
		for _, at := range r.At {
			areas[at.Area] = areas[at.Area] || r.Writer == byVendor
		}
	}
	return areas
}

// Matches tells whether an image claims to be of this layout: it has the constants of the identity.
func (l *Layout) Matches(m Image) bool {
	for i := range l.identity.At {
		if l.constants(i, m, func(have, want byte) bool { return have == want }) {
			return true
		}
	}
	return l.Tool(m) != ""
}

// constants holds the constant bytes of the identity's i-th copy against those of the layout.
func (l *Layout) constants(i int, m Image, fit func(have, want byte) bool) bool {
	b := l.identity.bytesAt(m, i)
	for _, f := range l.identity.Fields {
		for j, want := range f.Const {
			if !fit(b[f.Offset+j], want) {
				return false
			}
		}
	}
	return true
}

// Blank tells whether an image is of a card that was not issued, or whose issue was cut: no copy of the identity is
// valid, what stands in the place of its constants is erased or theirs, and the last byte, which an issue
// writes last, still reads as erased. (One forgery in 128 looks so too: it is taken for a card to issue, never for
// a valid one.)
func (l *Layout) Blank(m Image) bool {
	begun := func(have, want byte) bool { return have == want || have == 0x00 || have == 0xFF }
	for i := range l.identity.At {
		b := l.identity.bytesAt(m, i)
		if !erased(b[len(b)-1:]) || !l.constants(i, m, begun) {
			return false
		}
	}
	return true
}

// Tool is the name of the tool card that an image is of, "" for none (RULES B10: the counter refuses them).
func (l *Layout) Tool(m Image) string {
	for _, t := range l.Tools {
		if b := m[t.Area]; len(b) >= t.Offset+len(t.Bytes) && bytes.Equal(b[t.Offset:][:len(t.Bytes)], t.Bytes) {
			return t.Name
		}
	}
	return ""
}
