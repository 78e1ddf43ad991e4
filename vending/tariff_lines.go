package vending

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// fieldLines is on which line of a JSON file each field stands, by its path, as
// "tiers[1].price_fen".
type fieldLines map[string]int

// of is the line of a field, or of what should have held it.
func (l fieldLines) of(field string) int {
	for field != "" {
		if line, ok := l[field]; ok {
			return line
		}
		field = field[:max(strings.LastIndexAny(field, ".["), 0)]
	}
	return 1
}

// named is the first line of a field with a name, wherever it stands.
func (l fieldLines) named(name string) int {
	first := 0
	for path, line := range l {
		if (path == name || strings.HasSuffix(path, "."+name)) && (first == 0 || line < first) {
			first = line
		}
	}
	return max(first, 1)
}

// lineAt is the line of a byte of a file, from 1.
func lineAt(data []byte, offset int64) int {
	offset = min(max(offset, 0), int64(len(data)))
	return 1 + bytes.Count(data[:offset], []byte{'\n'})
}

// readFieldLines walks through a file that must be one JSON value. twice is a
// field that is given more than once.
func readFieldLines(data []byte) (lines fieldLines, twice string, err error) {
	w := fieldWalk{data: data, d: json.NewDecoder(bytes.NewReader(data)), lines: fieldLines{}}
	if err := w.value(""); err != nil {
		return nil, "", err
	}
	if _, err := w.d.Token(); !errors.Is(err, io.EOF) {
		return nil, "", errors.New("more than one value")
	}
	return w.lines, w.twice, nil
}

type fieldWalk struct {
	data  []byte
	d     *json.Decoder
	lines fieldLines
	twice string
	depth int
}

// mostDepth is deeper than any tariff, and shallower than what exhausts a stack.
const mostDepth = 10

func (w *fieldWalk) value(path string) error {
	token, err := w.d.Token()
	if err != nil {
		return err
	}
	if w.depth++; w.depth > mostDepth {
		return errors.New("too deep")
	}
	defer func() { w.depth-- }()
	for i := 0; w.d.More() && (token == json.Delim('{') || token == json.Delim('[')); i++ {
		if err := w.member(path, token == json.Delim('{'), i); err != nil {
			return err
		}
	}
	if token == json.Delim('{') || token == json.Delim('[') {
		_, err = w.d.Token()
	}
	return err
}

func (w *fieldWalk) member(path string, named bool, i int) error {
	at := fmt.Sprintf("%s[%d]", path, i)
	if named {
		key, err := w.d.Token()
		if err != nil {
			return err
		}
		at = strings.TrimPrefix(strings.ToLower(fmt.Sprintf("%s.%v", path, key)), ".")
	}
	if _, ok := w.lines[at]; ok && w.twice == "" {
		w.twice = at
	}
	begins := int(w.d.InputOffset())
	begins = len(w.data) - len(bytes.TrimLeft(w.data[begins:], " \t\r\n,"))
	w.lines[at] = lineAt(w.data, int64(begins))
	return w.value(at)
}
