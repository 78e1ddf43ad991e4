package paper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/vendgate/vendgate/vending"
)

// DefaultFont is where Debian keeps a TrueType font with Chinese.
const DefaultFont = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"

// Errors of the font that PDFs are made with.
var (
	ErrNoFont  = &vending.Error{Kind: vending.Failed, Code: "no_font"}
	ErrBadFont = &vending.Error{Kind: vending.Failed, Code: "bad_font"}
)

// Font is a TrueType font.
type Font struct {
	path string
	ttf  []byte
}

// OpenFont reads the font that PDFs are made with. It fails with ErrNoFont,
// which names the package that brings one, or ErrBadFont.
func OpenFont(path string) (Font, error) {
	ttf, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Font{}, ErrNoFont.With("Path", path, "Package", "fonts-droid-fallback")
	case err != nil:
		return Font{}, fmt.Errorf("%w: %w", ErrBadFont.With("Path", path), err)
	}
	const trueType, apple = "\x00\x01\x00\x00", "true"
	if len(ttf) < 12 || string(ttf[:4]) != trueType && string(ttf[:4]) != apple {
		return Font{}, ErrBadFont.With("Path", path)
	}
	return Font{path, ttf}, nil
}

// The two fonts of a PDF: Debian's font has Chinese and neither digits nor Latin
// letters, which come from a font that every reader of PDF has.
const (
	han   = "han"
	latin = "Helvetica"
)

// run is text of one font, encoded for it.
type run struct {
	family string
	text   string
}

// runs parts a text by font. What fpdf has no place for, characters beyond the
// basic plane, becomes the mark that printers set for a character they lack.
func runs(text string) (out []run) {
	for _, c := range text {
		r := run{han, string(c)}
		switch {
		case c < 0x80 || c >= 0xa0 && c <= 0xff: // where its encoding, CP 1252, is that of Unicode
			r = run{latin, string([]byte{byte(c)})}
		case c >= 0xfffe:
			r.text = "〓"
		}
		if last := len(out) - 1; last >= 0 && out[last].family == r.family {
			out[last].text += r.text
			continue
		}
		out = append(out, r)
	}
	return out
}
