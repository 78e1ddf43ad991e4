package paper

import (
	"fmt"
	"io"

	"codeberg.org/go-pdf/fpdf"
	"rsc.io/qr"
)

// Sheet is the paper of a PDF, in millimetres.
type Sheet struct {
	Width, Height float64 // Height 0: as long as the document is
	Margin        float64
	Points        float64 // size of the letters
}

// The sheets: a roll of 80 mm for slips, A4 for invoices and reports.
var (
	Roll = Sheet{Width: 80, Margin: 4, Points: 8.5}
	A4   = Sheet{Width: 210, Height: 297, Margin: 20, Points: 10.5}
)

const (
	leading = 1.35
	codeMM  = 28 // edge of a QR code
	micro   = 1000
)

// PDF writes the document. It fails with ErrCodeTooLong, ErrBadFont or what
// the writer fails with.
func PDF(w io.Writer, d Document, s Sheet, font Font) (err error) {
	defer func() {
		if fault := recover(); fault != nil { // fpdf reads past the end of a damaged font
			err = fmt.Errorf("%w: %v", ErrBadFont.With("Path", font.path), fault)
		}
	}()
	if len(d.Code) > longestCode {
		return ErrCodeTooLong.With("Max", longestCode)
	}
	lines, height, err := s.measured(d, font)
	if err != nil {
		return err
	}
	if s.Height > 0 {
		height = s.Height
	}
	f, err := s.open(font, height)
	if err != nil {
		return err
	}
	f.SetTitle(plain(d.Title+" "+d.Number), true)
	f.SetCreationDate(d.At)
	f.SetModificationDate(d.At)
	y := s.Margin
	for _, l := range lines {
		if y+s.step(l) > height-s.Margin/2 {
			f.AddPage()
			y = s.Margin
		}
		s.draw(f, l, y)
		y += s.step(l)
	}
	if d.Code != "" {
		if y+codeMM > height-s.Margin/2 {
			f.AddPage()
			y = s.Margin
		}
		if err := square(f, d.Code, (s.Width-codeMM)/2, y); err != nil {
			return err
		}
	}
	if err := f.Output(w); err != nil {
		return fmt.Errorf("%s: %w", font.path, err)
	}
	return nil
}

func (s Sheet) open(font Font, height float64) (*fpdf.Fpdf, error) {
	f := fpdf.NewCustom(&fpdf.InitType{UnitStr: "mm", Size: fpdf.SizeType{Wd: s.Width, Ht: height}})
	f.SetCatalogSort(true) // the same document is the same file
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCellMargin(0)
	f.AddUTF8FontFromBytes(han, "", font.ttf)
	f.AddPage()
	f.SetFont(han, "", s.Points)
	if f.Err() {
		return nil, fmt.Errorf("%w: %w", ErrBadFont.With("Path", font.path), f.Error())
	}
	return f, nil
}

// measured lays the document out and says how long it is.
func (s Sheet) measured(d Document, font Font) ([]line, float64, error) {
	f, err := s.open(font, s.Width)
	if err != nil {
		return nil, 0, err
	}
	of := func(text string) int {
		width := 0.0
		for _, r := range runs(text) {
			f.SetFont(r.family, "", s.Points)
			width += f.GetStringWidth(r.text)
		}
		return int(width * micro)
	}
	lines := layOut(d, int((s.Width-2*s.Margin)*micro), 2*micro, of)
	height := 2 * s.Margin
	for _, l := range lines {
		height += s.step(l)
	}
	if d.Code != "" {
		height += codeMM
	}
	return lines, height, nil
}

// step is the height of a line in millimetres.
func (s Sheet) step(l line) float64 {
	height := s.Points / 72 * 25.4 * leading
	switch {
	case l.large:
		return 2 * height
	case l.rule:
		return height / 2
	}
	return height
}

func (s Sheet) draw(f *fpdf.Fpdf, l line, y float64) {
	if l.rule {
		f.SetLineWidth(0.2)
		f.Line(s.Margin, y+s.step(l)/2, s.Width-s.Margin, y+s.step(l)/2)
		return
	}
	points := s.Points
	if l.large {
		points *= 2
	}
	if l.strong { // the font has no bold face: its outlines are drawn too
		f.SetLineWidth(points / 100)
		f.SetTextRenderingMode(2)
		defer f.SetTextRenderingMode(0)
	}
	base := y + s.step(l)*0.75
	for _, p := range l.spans {
		x := s.Margin + float64(p.x)/micro
		for _, r := range runs(p.text) {
			f.SetFont(r.family, "", points)
			f.Text(x, base, r.text)
			x += f.GetStringWidth(r.text)
		}
	}
}

func square(f *fpdf.Fpdf, text string, x, y float64) error {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return fmt.Errorf("QR code: %w", err)
	}
	const quiet = 4 // modules around it
	module := codeMM / float64(code.Size+2*quiet)
	for row := range code.Size {
		for column := range code.Size {
			if code.Black(column, row) {
				f.Rect(x+float64(column+quiet)*module, y+float64(row+quiet)*module, module, module, "F")
			}
		}
	}
	return nil
}
