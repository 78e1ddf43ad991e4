package modbus

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
)

// MapError is what is wrong with a register map, and in which line of its file.
type MapError struct {
	Line   int
	Reason string
}

func (e *MapError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// ParseMap reads a register map. What is wrong with it comes as *MapError
// values, joined, each with its line.
func ParseMap(text []byte) (*Map, error) {
	p := mapFile{text: text, d: json.NewDecoder(bytes.NewReader(text)), m: &Map{most: MaxReadRegisters}, lines: map[string]int{}}
	if err := p.file(); err != nil {
		return nil, err
	}
	slices.SortFunc(p.m.entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Read, b.Read), cmp.Compare(a.Address, b.Address))
	})
	if p.whole(); p.wrong != nil {
		return nil, p.wrong
	}
	p.m.requests = plan(p.m.entries, p.m.most, p.m.gap)
	return p.m, nil
}

// mapFile is a map that is being read.
type mapFile struct {
	text  []byte
	d     *json.Decoder
	m     *Map
	lines map[string]int // of each entry, by its name
	wrong error
}

// line is the line of a byte.
func (p *mapFile) line(offset int64) int { return 1 + bytes.Count(p.text[:offset], []byte("\n")) }

func (p *mapFile) problem(line int, format string, args ...any) {
	p.wrong = errors.Join(p.wrong, &MapError{line, fmt.Sprintf(format, args...)})
}

// file reads the outer object. An error means that nothing after it can be read.
func (p *mapFile) file() error {
	if t, err := p.d.Token(); err != nil || t != json.Delim('{') {
		return p.broken(cmp.Or(err, errors.New("a map is an object")))
	}
	seen := map[any]bool{}
	for p.d.More() {
		key, err := p.d.Token()
		if err != nil {
			return p.broken(err)
		}
		if line := p.line(p.d.InputOffset()); seen[key] {
			p.problem(line, "%q stands here a second time", key)
		}
		seen[key] = true
		if err := p.part(key); err != nil {
			return p.broken(err)
		}
	}
	if _, err := p.d.Token(); err != nil {
		return p.broken(err)
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return p.broken(errors.New("there is something after the map's end"))
	}
	return nil
}

// broken is an error about the text itself, behind what was wrong before it.
func (p *mapFile) broken(err error) error {
	p.problem(p.line(p.d.InputOffset()), "not readable: %v", err)
	return p.wrong
}

func (p *mapFile) part(key any) error {
	switch key {
	case "$schema":
		return p.d.Decode(new(string))
	case "name":
		return p.d.Decode(&p.m.name)
	case "title":
		return p.d.Decode(&p.m.title)
	case "source":
		return p.d.Decode(&p.m.source)
	case "most":
		return p.d.Decode(&p.m.most)
	case "gap":
		return p.d.Decode(&p.m.gap)
	case "registers":
		return p.registers()
	}
	return fmt.Errorf("no key is called %q", key)
}

func (p *mapFile) registers() error {
	if t, err := p.d.Token(); err != nil || t != json.Delim('[') {
		return cmp.Or(err, errors.New("registers is a list"))
	}
	for p.d.More() {
		var raw json.RawMessage
		if err := p.d.Decode(&raw); err != nil {
			return err
		}
		line := p.line(p.d.InputOffset() - int64(len(raw)))
		e, reason := parseEntry(raw)
		switch {
		case reason != "":
			p.problem(line, "%s", reason)
		case p.lines[e.Name] != 0:
			p.problem(line, "%q is already the name of line %d", e.Name, p.lines[e.Name])
		default:
			p.lines[e.Name], p.m.entries = line, append(p.m.entries, e)
		}
	}
	_, err := p.d.Token()
	return err
}

// whole looks at the map as a whole, once its entries are sorted.
func (p *mapFile) whole() {
	m := p.m
	switch {
	case !regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`).MatchString(m.name):
		p.problem(1, "name %q: want small letters, digits and dashes, at most 32", m.name)
	case m.title == "" || m.source == "":
		p.problem(1, "want title and source")
	case m.most < 1 || m.most > MaxReadRegisters:
		p.problem(1, "most %d: want 1 to %d registers", m.most, MaxReadRegisters)
	case m.gap < 0 || m.gap > MaxReadRegisters:
		p.problem(1, "gap %d: want 0 to %d registers", m.gap, MaxReadRegisters)
	case len(m.entries) == 0 && p.wrong == nil:
		p.problem(1, "want registers")
	}
	for i, e := range m.entries {
		if e.Size > m.most {
			p.problem(p.lines[e.Name], "%q takes %d registers, one request reads at most %d", e.Name, e.Size, m.most)
		}
		if i > 0 && m.entries[i-1].Read == e.Read && m.entries[i-1].end() > int(e.Address) {
			p.problem(p.lines[e.Name], "%q lies on registers of %q", e.Name, m.entries[i-1].Name)
		}
	}
}
