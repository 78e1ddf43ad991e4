package sheet

import (
	"math/big"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"
)

func readXLSX(path string, each func(Row) error) error {
	file, err := excelize.OpenFile(path, excelize.Options{RawCellValue: true})
	if err != nil {
		return ErrNoTable.With("Name", filepath.Base(path), "Reason", reason(err))
	}
	defer file.Close()
	rows, err := file.Rows(file.GetSheetName(0))
	if err != nil {
		return ErrNoTable.With("Name", filepath.Base(path), "Reason", reason(err))
	}
	defer rows.Close()
	for line := 1; rows.Next(); line++ {
		row := Row{Line: line}
		if row.Cells, err = rows.Columns(); err != nil {
			row.Err = ErrLineText
		}
		for i, cell := range row.Cells {
			row.Cells[i] = strings.TrimSpace(plain(cell))
		}
		if row.Err == nil && blank(row.Cells) {
			continue
		}
		if err := each(row); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return ErrNoTable.With("Name", filepath.Base(path), "Reason", reason(err))
	}
	return nil
}

// A number as a spreadsheet keeps it in its file: binary, so 0.3 may be written
// 0.29999999999999999, and long ones with an exponent. What it shows are 15 digits.
var (
	exponent = regexp.MustCompile(`^-?\d+(\.\d+)?[eE][+-]?\d{1,2}$`)
	fraction = regexp.MustCompile(`^-?\d+\.\d{15,}$`)
)

// plain writes a number as people would. Digits alone are left: they may be text.
func plain(cell string) string {
	if !exponent.MatchString(cell) && !fraction.MatchString(cell) {
		return cell
	}
	n, ok := new(big.Rat).SetString(cell)
	if !ok {
		return cell
	}
	const shown = 15
	whole := len(new(big.Int).Quo(new(big.Int).Abs(n.Num()), n.Denom()).String())
	text := n.FloatString(max(0, shown-whole))
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
