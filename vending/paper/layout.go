package paper

import (
	"slices"
	"strings"
)

// line is a line of a laid out document. x and widths are in the unit of the
// measure: columns, or thousandths of a millimetre.
type line struct {
	spans  []span
	rule   bool // a rule across; it has no spans
	strong bool
	large  bool // twice as wide and high
}

type span struct {
	x    int
	text string
}

// measure is how wide a text is.
type measure func(string) int

// page is where a document is laid out.
type page struct {
	width int
	gap   int // the least between two columns
	of    measure
	lines []line
}

// layOut sets a document in lines of a width. Nothing is cut off: what does not
// fit is broken into more lines.
func layOut(d Document, width, gap int, of measure) []line {
	p := &page{width: width, gap: gap, of: of}
	p.centred(d.Company, false, true)
	p.centred(d.Title, true, true)
	p.centred(d.Number, false, false)
	for _, mark := range d.Marks {
		p.centred("*** "+mark+" ***", false, true)
	}
	for _, part := range d.Parts {
		p.lines = append(p.lines, line{rule: true})
		p.part(part)
	}
	return p.lines
}

func (p *page) centred(text string, large, strong bool) {
	scale := 1
	if large && p.of(plain(text))*2 <= p.width {
		scale = 2
	}
	for _, s := range p.wrap(text, p.width) {
		x := (p.width - p.of(s)*scale) / 2
		p.lines = append(p.lines, line{spans: []span{{x, s}}, large: scale == 2, strong: strong})
	}
}

func (p *page) part(rows []Row) {
	for len(rows) > 0 {
		n := len(rows[0].Cells)
		end := slices.IndexFunc(rows, func(r Row) bool { return len(r.Cells) != n })
		if end < 0 {
			end = len(rows)
		}
		switch n {
		case 0:
		case 1:
			p.paragraphs(rows[:end])
		case 2:
			p.pairs(rows[:end])
		default:
			p.table(rows[:end])
		}
		rows = rows[end:]
	}
}

func (p *page) paragraphs(rows []Row) {
	for _, r := range rows {
		p.left(r.Cells[0], r.Strong)
	}
}

func (p *page) left(text string, strong bool) {
	for _, s := range p.wrap(text, p.width) {
		p.lines = append(p.lines, line{spans: []span{{0, s}}, strong: strong})
	}
}

func (p *page) right(text string, strong bool) {
	for _, s := range p.wrap(text, p.width) {
		p.lines = append(p.lines, line{spans: []span{{p.width - p.of(s), s}}, strong: strong})
	}
}

// pairs sets label and value at the two edges, or one below the other.
func (p *page) pairs(rows []Row) {
	for _, r := range rows {
		label, value := plain(r.Cells[0]), plain(r.Cells[1])
		at := p.width - p.of(value)
		if p.of(label)+p.gap > at {
			p.left(label, r.Strong)
			p.right(value, r.Strong)
			continue
		}
		p.lines = append(p.lines, line{spans: []span{{0, label}, {at, value}}, strong: r.Strong})
	}
}

// table gives each column but the first the width of its widest cell, and the
// first what is left. Where that is too little, the first has lines of its own.
func (p *page) table(rows []Row) {
	widths := make([]int, len(rows[0].Cells))
	left := p.width
	for i := 1; i < len(widths); i++ {
		for _, r := range rows {
			widths[i] = max(widths[i], p.of(plain(r.Cells[i]))+p.gap)
		}
		left -= widths[i]
	}
	if left < 0 {
		p.stacked(rows)
		return
	}
	for _, r := range rows {
		first := plain(r.Cells[0])
		l := line{strong: r.Strong}
		if p.of(first) > left {
			p.left(first, r.Strong)
		} else {
			l.spans = append(l.spans, span{0, first})
		}
		end := left
		for i := 1; i < len(widths); i++ {
			end += widths[i]
			cell := plain(r.Cells[i])
			l.spans = append(l.spans, span{end - p.of(cell), cell})
		}
		p.lines = append(p.lines, l)
	}
}

// stacked is a table on paper too narrow for it: a cell a line.
func (p *page) stacked(rows []Row) {
	for _, r := range rows {
		p.left(r.Cells[0], r.Strong)
		for _, c := range r.Cells[1:] {
			p.right(c, r.Strong)
		}
	}
}

// wrap breaks a text into lines that fit: between words where they are Latin,
// anywhere where they are Chinese. An empty text has no line.
func (p *page) wrap(text string, width int) (lines []string) {
	rest := []rune(plain(text))
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && p.of(string(rest[:n+1])) <= width {
			n++
		}
		if n < len(rest) && word(rest[n-1]) && word(rest[n]) {
			if from := wordStart(rest[:n]); from > 0 {
				n = from
			}
		}
		lines = append(lines, strings.TrimRight(string(rest[:n]), " "))
		rest = rest[n:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
	}
	return lines
}

// word says that a rune belongs to a Latin word or a number.
func word(r rune) bool { return r > ' ' && r < 0x80 }

// wordStart is where the last word of a text begins.
func wordStart(text []rune) int {
	at := len(text)
	for at > 0 && word(text[at-1]) {
		at--
	}
	return at
}
