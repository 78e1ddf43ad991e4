package paper

import "strings"

// columns is how many columns a printer gives a text: one to each ASCII
// character, two to any other, as its GB18030 fonts are.
func columns(s string) (n int) {
	for _, r := range s {
		n++
		if r >= 0x80 {
			n++
		}
	}
	return n
}

// printable are characters that printers' fonts lack, and what they print.
var printable = strings.NewReplacer("³", "3", "²", "2", "¥", "¥")

// inColumns is a document for paper of so many columns, printable throughout.
func inColumns(d Document, width int) []line {
	d.Company, d.Title, d.Number = printable.Replace(d.Company), printable.Replace(d.Title), printable.Replace(d.Number)
	marks := make([]string, len(d.Marks))
	for i, m := range d.Marks {
		marks[i] = printable.Replace(m)
	}
	parts := make([]Part, len(d.Parts))
	for i, part := range d.Parts {
		for _, r := range part {
			cells := make([]string, len(r.Cells))
			for j, c := range r.Cells {
				cells[j] = printable.Replace(c)
			}
			parts[i] = append(parts[i], Row{cells, r.Strong})
		}
	}
	d.Marks, d.Parts = marks, parts
	return layOut(d, width, 1, columns)
}

// Text is the document in lines of so many columns, without trailing spaces.
func Text(d Document, width int) string {
	var out strings.Builder
	for _, l := range inColumns(d, width) {
		out.WriteString(strings.TrimRight(l.text(width), " ") + "\n")
	}
	if d.Code != "" {
		out.WriteString("[" + plain(d.Code) + "]\n")
	}
	return out.String()
}

// text sets the spans at their columns. In a large line what precedes the text
// is printed in the normal size.
func (l line) text(width int) string {
	if l.rule {
		return strings.Repeat("-", width)
	}
	var out strings.Builder
	at := 0
	for _, s := range l.spans {
		out.WriteString(strings.Repeat(" ", max(0, s.x-at)) + s.text)
		at = s.x + columns(s.text)
	}
	return out.String()
}
