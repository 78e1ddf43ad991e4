package sheet

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/vendgate/vendgate/vending"
)

// Row is one line of a table, its cells without blanks around them.
type Row struct {
	Line  int // from 1, as people count
	Cells []string
	Err   error // why this line cannot be read
}

// What is wrong with a table, or with one of its lines.
var (
	ErrNoTable    = &vending.Error{Kind: vending.NotFound, Code: "table_unreadable"}
	ErrFormat     = &vending.Error{Kind: vending.Invalid, Code: "table_format"}
	ErrLineText   = &vending.Error{Kind: vending.Invalid, Code: "line_text"}
	ErrLineQuotes = &vending.Error{Kind: vending.Invalid, Code: "line_quotes"}
	ErrLineLong   = &vending.Error{Kind: vending.Invalid, Code: "line_long"}
)

// Read hands every line of the table in a file to each, in order; lines without
// any text are passed over. The name says what it is: .xlsx, of which the first
// sheet is read, or .csv or .txt. It fails with ErrNoTable, ErrFormat, or with what
// each returns.
func Read(path string, each func(Row) error) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xlsx":
		return readXLSX(path, each)
	case ".csv", ".txt":
		return readCSV(path, each)
	}
	return ErrFormat.With("Name", filepath.Base(path))
}

func readCSV(path string, each func(Row) error) error {
	file, err := os.Open(path)
	if err != nil {
		return ErrNoTable.With("Name", path, "Reason", reason(err))
	}
	defer file.Close()
	dialect, err := dialectOf(file)
	if err != nil {
		return ErrNoTable.With("Name", path, "Reason", reason(err))
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return ErrNoTable.With("Name", path, "Reason", reason(err))
	}
	var failed error
	err = lines(file, func(line int, text []byte, long bool) bool {
		row := dialect.row(line, text, long)
		if row.Err == nil && blank(row.Cells) {
			return true
		}
		failed = each(row)
		return failed == nil
	})
	if failed == nil && err != nil {
		failed = ErrNoTable.With("Name", path, "Reason", reason(err))
	}
	return failed
}

func blank(cells []string) bool {
	return strings.Join(cells, "") == ""
}

// reason is what the system says, without the path that is said beside it.
func reason(err error) string {
	if path, ok := err.(*os.PathError); ok {
		return path.Err.Error()
	}
	return err.Error()
}
