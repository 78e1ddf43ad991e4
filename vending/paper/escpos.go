package paper

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/vendgate/vendgate/vending"
)

// ErrCodeTooLong is a text that no printer puts in a QR code.
var ErrCodeTooLong = &vending.Error{Kind: vending.Invalid, Code: "code_too_long"}

// longestCode is what still can be read from 58 mm paper at 4 dots a module.
const longestCode = 200

// Commands of Epson's set that GP, Xprinter and the like have too. GS ! sets
// the size of all characters on some printers and of ASCII only on others,
// where FS W sets that of Chinese.
var (
	initialise = []byte{0x1b, '@'}
	chinese    = []byte{0x1c, '&'}
	bold       = [2][]byte{{0x1b, 'E', 0}, {0x1b, 'E', 1}}
	size       = [2][]byte{{0x1d, '!', 0x00, 0x1c, 'W', 0}, {0x1d, '!', 0x11, 0x1c, 'W', 1}}
	middle     = [2][]byte{{0x1b, 'a', 0}, {0x1b, 'a', 1}}
	feedAndCut = []byte{0x1d, 'V', 66, 0}
)

// ESCPOS is the document as bytes for a printer of receipts with a GB18030
// font, on paper of so many columns (Narrow, Wide); the paper is cut after it.
// It fails with ErrCodeTooLong.
func ESCPOS(d Document, width int) ([]byte, error) {
	var out bytes.Buffer
	out.Write(initialise)
	out.Write(chinese)
	encoder := simplifiedchinese.GB18030.NewEncoder()
	for _, l := range inColumns(d, width) {
		text := strings.TrimRight(l.text(width), " ")
		said := strings.TrimLeft(text, " ")
		out.WriteString(text[:len(text)-len(said)])
		if l.strong {
			out.Write(bold[1])
		}
		if l.large {
			out.Write(size[1])
		}
		encoded, err := encoder.Bytes([]byte(said))
		if err != nil {
			return nil, err
		}
		out.Write(encoded)
		if l.large {
			out.Write(size[0])
		}
		if l.strong {
			out.Write(bold[0])
		}
		out.WriteByte('\n')
	}
	if d.Code != "" {
		if len(d.Code) > longestCode {
			return nil, ErrCodeTooLong.With("Max", longestCode)
		}
		code(&out, d.Code)
	}
	out.Write(feedAndCut)
	return out.Bytes(), nil
}

// code prints a QR code (GS ( k, model 2, correction M) in the middle.
func code(out *bytes.Buffer, text string) {
	out.Write(middle[1])
	for _, function := range [][]byte{{65, 50, 0}, {67, 4}, {69, 49}, append([]byte{80, 48}, text...), {81, 48}} {
		n := len(function) + 1
		out.Write([]byte{0x1d, '(', 'k', byte(n), byte(n >> 8), 49})
		out.Write(function)
	}
	out.WriteByte('\n')
	out.Write(middle[0])
}
