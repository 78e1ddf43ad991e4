package report

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// sheetRows is how many rows a sheet of XLSX can have.
const sheetRows = excelize.TotalRows

type xlsxTable struct {
	w      io.Writer
	file   *excelize.File
	sheet  *excelize.StreamWriter
	title  string
	names  []any
	sheets int
	rows   int // of this sheet
	most   int
}

func newXLSX(w io.Writer, title string, columns []Column, most int) (*xlsxTable, error) {
	t := &xlsxTable{w: w, file: excelize.NewFile(), title: title, most: most}
	for _, c := range columns {
		t.names = append(t.names, c.Name)
	}
	if err := t.file.SetSheetName("Sheet1", title); err != nil {
		return nil, fmt.Errorf("xlsx: %w", err)
	}
	return t, t.next(title)
}

// next begins a sheet with the names of the columns.
func (t *xlsxTable) next(name string) (err error) {
	t.sheets++
	if t.sheet, err = t.file.NewStreamWriter(name); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	bold, err := t.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	if err := t.sheet.SetColWidth(1, len(t.names), 18); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	t.rows = 1
	return t.sheet.SetRow("A1", t.names, excelize.RowOpts{StyleID: bold})
}

func (t *xlsxTable) Row(values ...any) error {
	if t.rows == t.most {
		if err := t.sheet.Flush(); err != nil {
			return fmt.Errorf("xlsx: %w", err)
		}
		name := fmt.Sprintf("%s %d", t.title, t.sheets+1)
		if _, err := t.file.NewSheet(name); err != nil {
			return fmt.Errorf("xlsx: %w", err)
		}
		if err := t.next(name); err != nil {
			return err
		}
	}
	t.rows++
	cell, err := excelize.CoordinatesToCellName(1, t.rows)
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return t.sheet.SetRow(cell, values)
}

func (t *xlsxTable) Close() error {
	defer t.file.Close()
	if err := t.sheet.Flush(); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return t.file.Write(t.w)
}
