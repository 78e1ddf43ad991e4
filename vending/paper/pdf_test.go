package paper

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vendgate/vendgate/vending/words"
)

func font(t *testing.T) Font {
	t.Helper()
	f, err := OpenFont(DefaultFont)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// read is the text of a PDF, as a reader of PDF finds it, without spaces.
func read(t *testing.T, pdf []byte) (text string, pages int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text = strings.NewReplacer(" ", "", "\n", "", "\f", "").Replace(string(out))
	return text, bytes.Count(out, []byte("\f"))
}

// Everything that the document says can be read in the PDF.
func TestPDF(t *testing.T) {
	t.Parallel()
	f := font(t)
	for name, d := range samples(t, words.In("zh-CN")) {
		sheet := Roll
		if name == "invoice" || name == "red" {
			sheet = A4
		}
		var out, again bytes.Buffer
		if err := errors.Join(PDF(&out, d, sheet, f), PDF(&again, d, sheet, f)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same document twice is two PDFs", name)
		}
		text, pages := read(t, out.Bytes())
		if pages != 1 {
			t.Errorf("%s: %d pages", name, pages)
		}
		all := append([]string{d.Title, d.Company, d.Number}, d.Marks...)
		for _, part := range d.Parts {
			for _, r := range part {
				all = append(all, r.Cells...)
			}
		}
		for _, said := range all {
			if said = strings.ReplaceAll(said, " ", ""); !strings.Contains(text, said) {
				t.Errorf("%s: %q is not in\n%s", name, said, text)
			}
		}
	}
}

// A long report has as many pages as it needs.
func TestPDFPages(t *testing.T) {
	t.Parallel()
	r := day()
	for range 200 {
		r.Shifts = append(r.Shifts, ShiftLine{"3-4", "钱二", 1, 0})
	}
	var out bytes.Buffer
	if err := PDF(&out, r.Document(words.In("zh-CN")), A4, font(t)); err != nil {
		t.Fatal(err)
	}
	text, pages := read(t, out.Bytes())
	if n := strings.Count(text, "钱二"); n != 200 || pages < 4 || pages > 6 {
		t.Error(n, pages)
	}
}

// No name breaks the PDF, not even one that the font has no glyphs for.
func TestPDFNames(t *testing.T) {
	t.Parallel()
	s := topUp()
	s.Payer = "𠮷\uffff\ufffe\uffff\x00\x1b\xff(\\)龘\u0301"
	var out bytes.Buffer
	if err := PDF(&out, s.Document(words.In("zh-CN")), Roll, font(t)); err != nil {
		t.Fatal(err)
	}
	if text, _ := read(t, out.Bytes()); !strings.Contains(text, "〓") || !strings.Contains(text, `?(\)龘`) {
		t.Error(text)
	}
}

// picture is what a PDF looks like.
func picture(t *testing.T, title string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := PDF(&out, Document{Title: title}, Roll, font(t)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	drawn, err := exec.Command("pdftoppm", "-r", "100", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return drawn
}

// Each character has a shape of its own. The text in a PDF can be found though
// its font draws all of it as empty boxes, as Debian's font does with digits.
func TestEveryCharacterHasItsShape(t *testing.T) {
	t.Parallel()
	seen := map[string]rune{}
	for _, c := range "059AWazq¥³%×-.人民币壹贰叁。" {
		drawn := string(picture(t, strings.Repeat(string(c), 3)))
		if seen[drawn] != 0 {
			t.Errorf("%c looks like %c", c, seen[drawn])
		}
		seen[drawn] = c
	}
}

func TestFonts(t *testing.T) {
	t.Parallel()
	_, err := OpenFont(filepath.Join(t.TempDir(), "no.ttf"))
	if said := words.In("zh-CN").Error(err); !errors.Is(err, ErrNoFont) || !strings.Contains(said, "fonts-droid-fallback") {
		t.Error(err, said)
	}
	bad := filepath.Join(t.TempDir(), "bad.ttf")
	for _, content := range []string{"", "not a font at all", "\x00\x01\x00\x00 but no font either", "\x00\x01\x00\x00\x00\x7f" + strings.Repeat("\xff", 4096)} {
		if err := os.WriteFile(bad, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := OpenFont(bad)
		if err == nil {
			err = PDF(new(bytes.Buffer), topUp().Document(words.In("zh-CN")), Roll, f)
		}
		if !errors.Is(err, ErrBadFont) {
			t.Errorf("%q: %v", content, err)
		}
	}
}
