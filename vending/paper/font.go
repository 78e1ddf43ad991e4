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
