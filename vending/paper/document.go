package paper

import (
	"strings"
	"time"
	"unicode"
)

// Document is one sheet in one language, ready to be laid out. Its texts may
// come from anywhere: what would command a printer is taken out when drawn.
type Document struct {
	Company string
	Title   string
	Number  string   // printed under the title
	Marks   []string // what kind of copy it is: void, reprinted, the copy for whom
	Parts   []Part   // with a rule above each
	Code    string   // for a QR code at the end; none when empty
	At      time.Time
}

// Part is rows that belong together; their columns are aligned.
type Part []Row

// Row of one cell is a paragraph, of two a label and its value, of more a line
// of a table: the first cell to the left, the others to the right.
type Row struct {
	Cells  []string
	Strong bool
}

// Columns a printer of receipts has on paper 58 and 80 mm wide.
const (
	Narrow = 32
	Wide   = 48
)

// plain takes out what a printer, a terminal or a reader of PDF would take for
// something else than text.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
