package report

import (
	"encoding/csv"
	"fmt"
	"io"
)

type csvTable struct {
	w    *csv.Writer
	text []string
}

func newCSV(w io.Writer, columns []Column) (*csvTable, error) {
	t := &csvTable{w: csv.NewWriter(w), text: make([]string, len(columns))}
	for i, c := range columns {
		t.text[i] = c.Key
	}
	return t, t.w.Write(t.text)
}

func (t *csvTable) Row(values ...any) error {
	for i, v := range values {
		t.text[i] = fmt.Sprint(v)
	}
	return t.w.Write(t.text)
}

func (t *csvTable) Close() error {
	t.w.Flush()
	return t.w.Error()
}
