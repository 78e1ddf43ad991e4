package paper

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"github.com/vendgate/vendgate/vending/words"
)

// printed is what came out of a printer.
type printed struct {
	text  string // Chinese twice as wide as ASCII
	large string // what was set twice as large
	bold  string
	codes []string
	cuts  int
}

// printer understands the commands that ESCPOS may use, as a printer does, and
// refuses any other.
type printer struct {
	paper       printed
	width       int
	column      int
	large, bold bool
	stored      string
}

func print(data []byte, width int) (printed, error) {
	p := &printer{width: width}
	if !strings.HasPrefix(string(data), "\x1b@\x1c&") {
		return p.paper, errors.New("the printer is not initialised for Chinese")
	}
	data = data[4:]
	for len(data) > 0 {
		n, err := p.take(data)
		if err != nil {
			return p.paper, fmt.Errorf("% x: %w", data[:min(8, len(data))], err)
		}
		data = data[n:]
	}
	if p.large || p.bold {
		return p.paper, errors.New("the next paper would be large or bold")
	}
	return p.paper, nil
}

func (p *printer) take(data []byte) (int, error) {
	has := func(prefix string) bool { return strings.HasPrefix(string(data), prefix) }
	switch {
	case has("\x1bE\x00"), has("\x1bE\x01"):
		p.bold = data[2] == 1
		return 3, nil
	case has("\x1ba\x00"), has("\x1ba\x01"):
		return 3, nil
	case has("\x1d!\x00\x1cW\x00"), has("\x1d!\x11\x1cW\x01"):
		p.large = data[2] != 0
		return 6, nil
	case has("\x1dVB\x00"):
		p.paper.cuts++
		return 4, nil
	case has("\x1d(k"):
		return p.symbol(data)
	case data[0] == '\n':
		p.paper.text += "\n"
		p.column = 0
		return 1, nil
	case data[0] < ' ' || data[0] == 0x7f:
		return 0, errors.New("no such command")
	}
	return p.glyph(data)
}

func (p *printer) glyph(data []byte) (int, error) {
	n := 1
	if data[0] >= 0x80 {
		if n = 2; len(data) > 1 && data[1] >= '0' && data[1] <= '9' {
			n = 4
		}
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data[:min(n, len(data))])
	if err != nil || len(text) == 0 {
		return 0, fmt.Errorf("not GB18030: %w", err)
	}
	wide := min(n, 2)
	if p.large {
		wide *= 2
		p.paper.large += string(text)
	}
	if p.bold {
		p.paper.bold += string(text)
	}
	if p.column += wide; p.column > p.width {
		return 0, fmt.Errorf("printed past column %d", p.width)
	}
	p.paper.text += string(text)
	return n, nil
}

func (p *printer) symbol(data []byte) (int, error) {
	n := int(data[3]) + int(data[4])<<8
	if len(data) < 5+n || data[5] != 49 {
		return 0, errors.New("not a QR code")
	}
	switch f := data[6 : 5+n]; f[0] {
	case 65, 67, 69:
	case 80:
		p.stored = string(f[2:])
	case 81:
		p.paper.codes = append(p.paper.codes, p.stored)
	default:
		return 0, errors.New("no such function")
	}
	return 5 + n, nil
}

// A printer prints the text form, cuts once, and is left as it was found.
func TestESCPOS(t *testing.T) {
	t.Parallel()
	for _, lang := range words.Languages {
		for name, d := range samples(t, words.In(lang)) {
			for _, width := range []int{Narrow, Wide} {
				data, err := ESCPOS(d, width)
				if err != nil {
					t.Fatal(err)
				}
				got, err := print(data, width)
				if err != nil {
					t.Fatalf("%s at %d: %v", name, width, err)
				}
				want := Text(d, width)
				if d.Code != "" {
					want = strings.ReplaceAll(want, "["+d.Code+"]", "")
					if len(got.codes) != 1 || got.codes[0] != d.Code {
						t.Errorf("%s: codes %q, want %q", name, got.codes, d.Code)
					}
				}
				if got.text != want || got.cuts != 1 || !strings.Contains(got.large, d.Title) || !strings.Contains(got.bold, d.Company) {
					t.Errorf("%s at %d: %+v, want\n%s", name, width, got, want)
				}
			}
		}
	}
}

// Whatever a name holds, it prints: it commands nothing, and stays on the paper.
func TestNamesCommandNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := topUp()
		s.Payer = rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("\x1b\x1d\x1c@VB\x00\x01张\n\r\t \xff\U00020BB7\u202e³"))),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "name")
		s.Company = s.Payer
		width := rapid.SampledFrom([]int{Narrow, Wide}).Draw(t, "width")
		data, err := ESCPOS(s.Document(words.In("zh-CN")), width)
		if err != nil {
			t.Fatal(err)
		}
		got, err := print(data, width)
		if err != nil || got.cuts != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

func TestACodeTooLong(t *testing.T) {
	t.Parallel()
	if data, err := ESCPOS(Document{Code: strings.Repeat("x", longestCode+1)}, Wide); !errors.Is(err, ErrCodeTooLong) || data != nil {
		t.Error(data, err)
	}
}
