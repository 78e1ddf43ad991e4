package report

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"
)

var columns = []Column{{"customer", "客户号"}, {"left_fen", "未确认(分)"}}

func TestCSV(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table, err := AsCSV.New(&out, "credit", columns)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Row(int64(1001), int64(-5)); err != nil {
		t.Fatal(err)
	}
	if err := table.Row("合计, 全部", 7); err != nil {
		t.Fatal(err)
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	if want := "customer,left_fen\n1001,-5\n\"合计, 全部\",7\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}

// A sheet that is full is followed by another, with the names of the columns; numbers stay numbers.
func TestXLSX(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table, err := newXLSX(&out, "表内余额", columns, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if err := table.Row(fmt.Sprintf("00%d", i), int64(9_007_199_254_740_993)); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for sheet, want := range map[string]int{"表内余额": 3, "表内余额 2": 3, "表内余额 3": 2} {
		rows, err := file.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil || len(rows) != want || rows[0][1] != "未确认(分)" || rows[1][1] != "9007199254740993" {
			t.Errorf("%s: %v, %v", sheet, rows, err)
		}
		kind, err := file.GetCellType(sheet, "B2")
		if err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
			t.Error(kind, err)
		}
	}
	if len(file.GetSheetList()) != 3 {
		t.Error(file.GetSheetList())
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	if !AsCSV.Known() || !AsXLSX.Known() || Format("pdf").Known() {
		t.Error("csv and xlsx are known, pdf is not")
	}
}
