package bankfile

import (
	"bytes"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/vendgate/vendgate/vending"
)

// Parse reads a text file in a described format. Where it fails as a whole
// (ErrTooLarge, ErrEncoding, ErrTruncated, ErrTotals, ErrAfterEnd, ErrSum)
// there is no file; lines that cannot be read are in Wrong.
func Parse(r io.Reader, f Format) (File, error) {
	if reason := f.fault(); reason != "" {
		return File{}, ErrDescription.With("Reason", reason)
	}
	in := newInput(r)
	content, err := io.ReadAll(in)
	if err != nil {
		return File{}, err
	}
	p := &parser{format: f}
	in.hash.Sum(p.file.Hash[:0])
	if content, err = p.encoding(content); err != nil {
		return File{}, err
	}
	for no := 1; len(content) > 0; no++ {
		var line []byte
		line, content, _ = bytes.Cut(content, []byte("\n"))
		if err := p.line(no, bytes.TrimSuffix(line, []byte("\r"))); err != nil {
			return File{}, err
		}
	}
	if err := p.whole(); err != nil {
		return File{}, err
	}
	return p.file, nil
}

// parser is a file being read.
type parser struct {
	format  Format
	decoder *encoding.Decoder // nil: UTF-8
	file    File
	header  []string // nil until it was read
	trailer []string
	ended   bool
	seen    int // lines of data
}

// encoding finds out how the file is encoded, and takes off what is no line: a
// byte order mark, and the mark with which DOS ends a file.
func (p *parser) encoding(content []byte) ([]byte, error) {
	content = bytes.TrimSuffix(content, []byte{0x1a})
	bare, marked := bytes.CutPrefix(content, []byte("\xef\xbb\xbf"))
	switch name := p.format.Encoding; {
	case marked && (name == "gbk" || name == "gb18030"):
		return nil, ErrEncoding.With("Line", 1, "Encoding", name)
	case name == "utf-8", marked, name != "gbk" && name != "gb18030" && utf8.Valid(bare):
	case name == "gbk":
		p.decoder = simplifiedchinese.GBK.NewDecoder()
	default:
		p.decoder = simplifiedchinese.GB18030.NewDecoder()
	}
	return bare, nil
}

// decode makes UTF-8 of a line or a fixed column.
func (p *parser) decode(no int, raw []byte) (string, error) {
	text, name := raw, "utf-8"
	if p.decoder != nil {
		name = "gb18030"
		var err error
		if text, err = p.decoder.Bytes(raw); err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return "", ErrEncoding.With("Line", no, "Encoding", name)
		}
	}
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return "", ErrEncoding.With("Line", no, "Encoding", name)
	}
	return string(text), nil
}

func (p *parser) line(no int, raw []byte) error {
	if no <= p.format.Skip {
		return nil
	}
	text, err := p.decode(no, raw)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if p.ended {
		return ErrAfterEnd.With("Line", no)
	}
	r, fault := p.record(raw, text)
	switch h, t := p.format.Header, p.format.Trailer; {
	case h != nil && p.header == nil:
		if !strings.HasPrefix(text, h.Begins) {
			return wrong(no, "header", text, "beginning")
		}
		p.header = r.take(h.Count, h.Total)
		return nil
	case t != nil && strings.HasPrefix(text, t.Begins):
		p.trailer, p.ended = r.take(t.Count, t.Total), true
		return nil
	}
	p.seen++
	if fault == "" && !r.reaches(p.format.Columns) {
		fault = "fields"
	}
	if fault != "" {
		return p.file.add(Line{}, wrong(no, "line", text, fault))
	}
	l, err := p.read(no, r)
	return p.file.add(l, err)
}

// read makes a line of its fields; it fails with ErrLine.
func (p *parser) read(no int, r record) (Line, error) {
	c := p.format.Columns
	got := r.take(c.Date, c.Customer, c.Card, c.Reference, c.Amount, c.Direction, c.Text, c.Result, c.Reason)
	l := Line{No: no, Card: got[2], Reference: got[3], Text: got[6], Reason: got[8]}
	at, err := time.Parse(dates[p.format.Date], got[0])
	if err != nil || at.Year() < 2000 {
		return l, wrong(no, "date", got[0], "a_date")
	}
	l.Day = vending.DateOf(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, vending.Zone))
	if got[1] != "" {
		n, err := strconv.ParseInt(got[1], 10, 64)
		if err != nil || n <= 0 || !allDigits(got[1]) {
			return l, wrong(no, "customer", got[1], "a_number")
		}
		l.Customer = n
	}
	if l.Card != "" && (len(l.Card) != vending.CardDigits || !allDigits(l.Card)) {
		return l, wrong(no, "card", l.Card, "a_number")
	}
	if l.Reference == "" {
		return l, wrong(no, "reference", "", "something")
	}
	if l.Fen, err = p.amount(no, got[4], got[5]); err != nil {
		return l, err
	}
	if c.Result.at != 0 {
		if got[7] == "" {
			return l, wrong(no, "result", "", "something")
		}
		l.Paid = slices.Contains(p.format.Paid, got[7])
		if !l.Paid && l.Reason == "" {
			l.Reason = got[7]
		}
	}
	return l, nil
}

func (p *parser) amount(no int, text, direction string) (int64, error) {
	n, ok := p.money(text)
	if !ok || n == 0 || -n == n {
		return 0, wrong(no, "amount", text, "an_amount")
	}
	switch {
	case p.format.Columns.Direction.at == 0, slices.Contains(p.format.Credit, direction):
		return n, nil
	case slices.Contains(p.format.Debit, direction):
		return -n, nil
	}
	return 0, wrong(no, "direction", direction, "a_direction")
}

func (p *parser) money(text string) (int64, bool) {
	if p.format.Amount == "fen" {
		return fen(text)
	}
	return yuan(text)
}

// whole holds count and total of header and trailer against what was read.
// Where lines are wrong their amounts are not known, and only the count is held.
func (p *parser) whole() error {
	if p.format.Header != nil && p.header == nil || p.format.Trailer != nil && !p.ended {
		return ErrTruncated.With("Lines", p.seen)
	}
	for _, sums := range []struct {
		of   *Sums
		said []string
	}{{p.format.Header, p.header}, {p.format.Trailer, p.trailer}} {
		if sums.of == nil {
			continue
		}
		if sums.of.Count.at > 0 {
			if n, ok := fen(sums.said[0]); !ok || n != int64(p.seen) {
				return ErrTotals.With("What", "file_count", "Said", sums.said[0], "Found", p.seen)
			}
		}
		if sums.of.Total.at > 0 && len(p.file.Wrong) == 0 {
			if n, ok := p.money(sums.said[1]); !ok || n != p.file.TotalFen {
				return ErrTotals.With("What", "file_total", "Said", sums.said[1], "Found", vending.FormatYuan(p.file.TotalFen))
			}
		}
	}
	return nil
}
