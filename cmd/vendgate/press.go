package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/vendgate/vendgate/vending/paper"
)

// pressOptions is how a document is put on paper.
type pressOptions struct {
	format, out, company, font string
	columns                    int
}

func (o *pressOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.format, "format", "text", "text, pdf, or escpos (bytes for a printer of receipts)")
	f.StringVar(&o.out, "out", "", "file to write, or the printer's device (default: stdout)")
	f.StringVar(&o.company, "company", envOr("VENDGATE_COMPANY", ""), "name of the company, for the head (VENDGATE_COMPANY)")
	f.StringVar(&o.font, "font", envOr("VENDGATE_FONT", paper.DefaultFont), "TrueType font with Chinese, for PDF (VENDGATE_FONT)")
	f.IntVar(&o.columns, "columns", paper.Wide, "columns of the printer: 32 or 48")
}

// press prints a document.
type press func(paper.Document) error

// press looks for all that printing needs, so that no print is counted that then
// cannot be made.
func (o pressOptions) press(a *app, sheet paper.Sheet) (press, error) {
	if o.columns != paper.Narrow && o.columns != paper.Wide {
		return nil, usageError{fmt.Errorf("--columns %d: want %d or %d", o.columns, paper.Narrow, paper.Wide)}
	}
	var draw func(paper.Document) ([]byte, error)
	switch o.format {
	case "text":
		draw = func(d paper.Document) ([]byte, error) { return []byte(paper.Text(d, o.columns)), nil }
	case "escpos":
		draw = func(d paper.Document) ([]byte, error) { return paper.ESCPOS(d, o.columns) }
	case "pdf":
		font, err := paper.OpenFont(o.font)
		if err != nil {
			return nil, err
		}
		draw = func(d paper.Document) ([]byte, error) {
			var out bytes.Buffer
			err := paper.PDF(&out, d, sheet, font)
			return out.Bytes(), err
		}
	default:
		return nil, usageError{fmt.Errorf("--format %s: want text, pdf or escpos", o.format)}
	}
	return func(d paper.Document) error {
		drawn, err := draw(d)
		if err != nil {
			return err
		}
		if o.out == "" {
			_, err = a.out.Write(drawn)
			return err
		}
		return os.WriteFile(o.out, drawn, 0o600) // papers name customers
	}, nil
}
