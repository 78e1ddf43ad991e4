package bankfile

import "strings"

// record is a line taken apart: at its delimiters, or by the byte.
type record struct {
	parser *parser
	raw    []byte
	fields []string
}

// record takes a line apart. fault says what is wrong with it, if anything.
func (p *parser) record(raw []byte, text string) (r record, fault string) {
	r = record{parser: p, raw: raw}
	if p.format.Delimiter == "" {
		return r, ""
	}
	// A GBK character may hold the byte of a delimiter, so it is the text that is split.
	fields, ok := split(text, p.format.Delimiter)
	if !ok {
		return r, "quotes"
	}
	r.fields = fields
	return r, ""
}

// take gives the columns; one that is not described or not there is empty.
func (r record) take(columns ...Column) (out []string) {
	for _, c := range columns {
		out = append(out, strings.TrimSpace(r.one(c)))
	}
	return out
}

func (r record) one(c Column) string {
	switch from := c.at - 1; {
	case from < 0:
	case r.fields != nil && from < len(r.fields):
		return r.fields[from]
	case r.fields == nil && from < len(r.raw):
		// The line was decoded; a column that cuts a character in two is found by its value.
		text, err := r.parser.decode(0, r.raw[from:min(from+c.width, len(r.raw))])
		if err == nil {
			return text
		}
		return "?"
	}
	return ""
}

// reaches says whether the line has every column in full: a file that was cut
// off may end within an amount. What is only told may be missing.
func (r record) reaches(c Columns) bool {
	for _, c := range []Column{c.Date, c.Customer, c.Card, c.Reference, c.Amount, c.Direction, c.Result} {
		if r.fields != nil && c.at > len(r.fields) || r.fields == nil && c.at > 0 && c.at-1+c.width > len(r.raw) {
			return false
		}
	}
	return true
}

// split parts a line at a delimiter; fields may be quoted as in CSV. It is false
// where a quote does not end in its line.
func split(text, delimiter string) (fields []string, ok bool) {
	for {
		field, rest, ok := unquoted(text, delimiter)
		if !ok {
			return nil, false
		}
		fields = append(fields, field)
		if rest == "" {
			return fields, true
		}
		text = rest[len(delimiter):]
	}
}

// unquoted is the first field; rest begins with the delimiter, or is empty.
func unquoted(text, delimiter string) (field, rest string, ok bool) {
	rest, quoted := strings.CutPrefix(text, `"`)
	if !quoted {
		if at := strings.Index(text, delimiter); at >= 0 {
			return text[:at], text[at:], true
		}
		return text, "", true
	}
	var said strings.Builder
	for {
		part, after, closed := strings.Cut(rest, `"`)
		if !closed {
			return "", "", false
		}
		said.WriteString(part)
		if rest, quoted = strings.CutPrefix(after, `"`); !quoted {
			return said.String(), rest, rest == "" || strings.HasPrefix(rest, delimiter)
		}
		said.WriteByte('"')
	}
}
