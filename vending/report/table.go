package report

import "io"

// Table takes rows and, at the end, everything that is not written yet. Values
// are string, int and int64: money is fen, volume litres or Wh, never a fraction.
type Table interface {
	Row(values ...any) error
	Close() error
}

// Column is one column: Key is for programs, Name for people.
type Column struct{ Key, Name string }

// Format is how a table is written.
type Format string

// The formats.
const (
	AsCSV  Format = "csv"  // UTF-8, the keys in its first line
	AsXLSX Format = "xlsx" // the names in its first row; further sheets where one is full
)

// Known says whether f is one of the formats.
func (f Format) Known() bool { return f == AsCSV || f == AsXLSX }

// New begins a table in a known format. Title names the sheet.
func (f Format) New(w io.Writer, title string, columns []Column) (Table, error) {
	if f == AsXLSX {
		return newXLSX(w, title, columns, sheetRows)
	}
	return newCSV(w, columns)
}
