package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending/sheet"
)

func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func gbk(s string) []byte {
	out, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return out
}

// said is what was read, a line each: its number, then its cells or its error.
func said(t testing.TB, path string) []string {
	t.Helper()
	var out []string
	err := sheet.Read(path, func(r sheet.Row) error {
		text := strings.Join(r.Cells, "|")
		if r.Err != nil {
			text = r.Err.Error()
		}
		out = append(out, fmt.Sprintf("%d %s", r.Line, text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCSV(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content []byte
		want    []string
	}{
		"utf-8":               {[]byte("户号,姓名\n1,王芳\n"), []string{"1 户号|姓名", "2 1|王芳"}},
		"with a mark":         {[]byte("\xef\xbb\xbf户号,姓名\r\n1,王芳\r\n"), []string{"1 户号|姓名", "2 1|王芳"}},
		"gbk":                 {gbk("户号,姓名\r\n1,王芳\r\n"), []string{"1 户号|姓名", "2 1|王芳"}},
		"gbk that is utf-8":   {gbk("no,name\n1,联通\n2,王芳\n3,李强\n"), []string{"1 no|name", "2 1|联通", "3 2|王芳", "4 3|李强"}},
		"gbk, most is utf-8":  {gbk("户号,姓名\n强,强\n强,强\n强,强\n"), []string{"1 户号|姓名", "2 强|强", "3 强|强", "4 强|强"}},
		"utf-8, not chinese":  {[]byte("no,name\n1,Zoë\n2,\xff\xfe\n"), []string{"1 no|name", "2 1|Zoë", "3 line_text"}},
		"one damaged line":    {[]byte("号,名\n1,王\n2,\xff\xfe\n3,李\n"), []string{"1 号|名", "2 1|王", "3 line_text", "4 3|李"}},
		"gbk, one damaged":    {append(gbk("号,名\n1,王\n2,"), "\xff\n3,a\n"...), []string{"1 号|名", "2 1|王", "3 line_text", "4 3|a"}},
		"a quote not closed":  {[]byte("a,b\n1,\"x\n2,y\n"), []string{"1 a|b", "2 line_quotes", "3 2|y"}},
		"quotes":              {[]byte("a,b\n1,\"x,\"\"y\"\"\"\n"), []string{"1 a|b", "2 1|x,\"y\""}},
		"tabs":                {[]byte("a\tb\n1\tx,y\n"), []string{"1 a|b", "2 1|x,y"}},
		"blank lines":         {[]byte("a,b\n\n , \n1,x"), []string{"1 a|b", "4 1|x"}},
		"a zero byte":         {[]byte("a,b\n1,\x00\n"), []string{"1 a|b", "2 line_text"}},
		"a very long line":    {[]byte("a,b\n" + strings.Repeat("x", 200_000) + "\n1,2\n"), []string{"1 a|b", "2 line_long", "3 1|2"}},
		"a very long last":    {[]byte("a,b\n" + strings.Repeat("x", 200_000)), []string{"1 a|b", "2 line_long"}},
		"nothing":             {nil, nil},
		"more and less cells": {[]byte("a,b\n1\n1,2,3\n"), []string{"1 a|b", "2 1", "3 1|2|3"}},
	} {
		if got := said(t, write(t, "t.csv", c.content)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Whatever text a table holds, both encodings give it back, and damage to one line
// changes no other.
func TestEncodingsAgree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringOf(rapid.RuneFrom([]rune("王芳李强联通户号价格元0123456789abc东湖路"))), 3, 20).Draw(t, "lines")
		text := "户号,姓名\n" + strings.Join(lines, "\n") + "\n"
		path := filepath.Join(dir, "t.csv")
		for _, content := range [][]byte{[]byte(text), gbk(text)} {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			var got []string
			err := sheet.Read(path, func(r sheet.Row) error { got = append(got, strings.Join(r.Cells, ",")); return r.Err })
			want := slices.DeleteFunc(append([]string{"户号,姓名"}, lines...), func(s string) bool { return s == "" })
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("%q, %v, want %q", got, err, want)
			}
		}
	})
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	for i, row := range [][]any{
		{"户号", "表号", "金额"}, {1, 10000000000001, 200.1}, {"2", "01000000000002", "0.30"}, {},
		{3, "110101199001011234", 0.29999999999999999}, {4, 1e13, 0.1 + 0.2}, {5, -12.5, 1234567890.25},
	} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var content bytes.Buffer
	if err := f.Write(&content); err != nil {
		t.Fatal(err)
	}
	want := []string{"1 户号|表号|金额", "2 1|10000000000001|200.1", "3 2|01000000000002|0.30",
		"5 3|110101199001011234|0.3", "6 4|10000000000000|0.3", "7 5|-12.5|1234567890.25"}
	if got := said(t, write(t, "t.xlsx", content.Bytes())); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for name, broken := range map[string][]byte{"cut": content.Bytes()[:content.Len()/2], "empty": nil, "csv": []byte("a,b\n")} {
		if err := sheet.Read(write(t, "t.xlsx", broken), nil); !errors.Is(err, sheet.ErrNoTable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for name, c := range map[string]struct {
		path string
		want error
	}{
		"no file":    {filepath.Join(t.TempDir(), "none.csv"), sheet.ErrNoTable},
		"a folder":   {t.TempDir() + "/../" + filepath.Base(t.TempDir()), sheet.ErrFormat},
		"a document": {write(t, "t.pdf", nil), sheet.ErrFormat},
		"old excel":  {write(t, "t.xls", nil), sheet.ErrFormat},
		"enough":     {write(t, "t.csv", []byte("a\nb\n")), enough},
	} {
		if err := sheet.Read(c.path, func(sheet.Row) error { return enough }); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
