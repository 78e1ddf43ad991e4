package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
)

// field is one value of a record: value is for programs (money in fen, volume
// in litres), text for people; empty text is the value itself.
type field struct {
	key   string
	value any
	text  string
}

type record []field

func validOutput(format string) error {
	switch format {
	case "table", "json", "csv":
		return nil
	}
	return usageError{fmt.Errorf("unknown output %q: want table, json or csv", format)}
}

// printOne writes one record: a JSON object, or its fields one below the other.
func (a *app) printOne(r record) error {
	switch a.output {
	case "json":
		return a.printJSON(r)
	case "csv":
		return a.printCSV([]record{r})
	}
	t := a.table()
	for _, f := range r {
		t.AppendRow(table.Row{f.key, f.show()})
	}
	t.Render()
	return nil
}

// printList writes records that all have the keys of the first.
func (a *app) printList(rs []record) error {
	switch a.output {
	case "json":
		if rs == nil {
			rs = []record{}
		}
		return a.printJSON(rs)
	case "csv":
		return a.printCSV(rs)
	}
	if len(rs) == 0 {
		return nil
	}
	t := a.table()
	t.AppendHeader(row(rs[0], func(f field) any { return f.key }))
	for _, r := range rs {
		t.AppendRow(row(r, func(f field) any { return f.show() }))
	}
	t.Render()
	return nil
}

func (a *app) table() table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(a.out)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = 0
	t.Style().Format.Footer = 0
	return t
}

func (f field) show() string {
	if f.text != "" {
		return f.text
	}
	return plain(f.value)
}

func plain(v any) string {
	if at, ok := v.(time.Time); ok {
		if at.IsZero() {
			return ""
		}
		return at.UTC().Format(time.RFC3339)
	}
	if text, ok := v.(json.RawMessage); ok {
		return string(text)
	}
	return fmt.Sprint(v)
}

func row(r record, of func(field) any) table.Row {
	out := make(table.Row, len(r))
	for i, f := range r {
		out[i] = of(f)
	}
	return out
}

func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// MarshalJSON keeps the order of the fields.
func (r record) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(f.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(jsonValue(f.value))
		if err != nil {
			return nil, err
		}
		b.Write(append(append(key, ':'), value...))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func jsonValue(v any) any {
	if at, ok := v.(time.Time); ok {
		if at.IsZero() {
			return nil
		}
		return at.UTC()
	}
	return v
}

func (a *app) printCSV(rs []record) error {
	w := csv.NewWriter(a.out)
	for i, r := range rs {
		keys, values := make([]string, len(r)), make([]string, len(r))
		for j, f := range r {
			keys[j], values[j] = f.key, plain(f.value)
		}
		if i == 0 {
			w.Write(keys)
		}
		w.Write(values)
	}
	w.Flush()
	return w.Error()
}
