package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// longestLine bounds one line; what is longer is no line of a table.
const longestLine = 64 << 10

// dialect is how a CSV file was written.
type dialect struct {
	gbk   bool
	comma rune
}

var mark = []byte("\xef\xbb\xbf") // what Windows writes before UTF-8

// dialectOf reads a whole file: its first lines may be plain ASCII, and one
// damaged line must not decide. It is UTF-8 where more Chinese lies in lines that
// are UTF-8 than in lines that are GBK only; whole columns of short GBK words are
// UTF-8 by chance, but not Chinese.
func dialectOf(r io.Reader) (dialect, error) {
	d := dialect{comma: ','}
	var is, not int
	err := lines(r, func(line int, text []byte, _ bool) bool {
		if line == 1 && bytes.Count(text, []byte("\t")) > bytes.Count(text, []byte(",")) {
			d.comma = '\t'
		}
		if utf8.Valid(text) {
			is += chinese(text)
		} else if said := fromGBK(text); !bytes.ContainsRune(said, utf8.RuneError) {
			not += chinese(said)
		}
		return true
	})
	d.gbk = not > is
	return d, err
}

// chinese counts the runes that have in UTF-8 as many bytes as Chinese ones: a
// character of GBK, taken for UTF-8, makes a rune of two.
func chinese(text []byte) (n int) {
	for _, r := range string(text) {
		if utf8.RuneLen(r) > 2 {
			n++
		}
	}
	return n
}

// fromGBK never fails: what it cannot read becomes U+FFFD.
func fromGBK(text []byte) []byte {
	said, _ := simplifiedchinese.GB18030.NewDecoder().Bytes(text)
	return said
}

// row reads one line. Each is read by itself: a quote that is never closed ends
// with its line.
func (d dialect) row(line int, text []byte, long bool) Row {
	row := Row{Line: line}
	if long {
		row.Err = ErrLineLong
		return row
	}
	text = bytes.TrimPrefix(text, mark)
	if d.gbk {
		text = fromGBK(text)
	}
	if !utf8.Valid(text) || bytes.ContainsRune(text, utf8.RuneError) || bytes.IndexByte(text, 0) >= 0 {
		row.Err = ErrLineText
		return row
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = d.comma, -1
	cells, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		row.Err = ErrLineQuotes
	}
	for _, cell := range cells {
		row.Cells = append(row.Cells, strings.TrimSpace(cell))
	}
	return row
}

// lines hands on every line without its end; long says that it was cut.
func lines(r io.Reader, each func(line int, text []byte, long bool) bool) error {
	in := bufio.NewReaderSize(r, longestLine)
	for line := 1; ; line++ {
		text, more, err := in.ReadLine()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if !each(line, text, more) {
			return nil
		}
		for more && err == nil {
			_, more, err = in.ReadLine()
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
}
