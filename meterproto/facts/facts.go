package facts

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// ErrProtocol: no codec of that name.
var ErrProtocol = errors.New("unknown protocol")

// Answer is what one line holds. Its Frames are the good ones, in their order;
// Skipped counts the bytes that belong to none of them. OK is false, and Error
// says why, where nothing in the line can be taken.
type Answer struct {
	OK      bool             `json:"ok"`
	Error   string           `json:"error,omitempty"`
	Frames  []map[string]any `json:"frames"`
	Skipped int              `json:"skipped_bytes"`
	Masked  bool             `json:"masked,omitempty"` // only by Watch
}

// decoder reads one line of bytes. An error says why nothing of it can be taken.
type decoder func(line []byte) (frames []map[string]any, skipped int, err error)

// decoders are the protocols by the name that people give.
func decoders() map[string]decoder {
	return map[string]decoder{
		"cjt188":      cjt188Line,
		"dlt645":      decodeDLT645,
		"mbus":        mbusLine,
		"iec62056-21": ofIEC62056,
		"modbus":      ofModbus,
	}
}

// Protocols are the names that Decode knows, in order.
func Protocols() []string {
	var names []string
	for name := range decoders() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Decode reads one line of hexadecimal digits, in which spaces may stand
// anywhere. Only ErrProtocol is an error; everything else is an Answer.
func Decode(protocol, line string) (Answer, error) {
	decode, ok := decoders()[protocol]
	if !ok {
		return Answer{}, fmt.Errorf("%w %q: want one of %s", ErrProtocol, protocol, strings.Join(Protocols(), ", "))
	}
	b, err := hex.DecodeString(strings.Join(strings.Fields(line), ""))
	if err != nil {
		return refusal(fmt.Errorf("not hexadecimal: %w", err)), nil
	}
	frames, skipped, err := decode(b)
	if err != nil {
		return refusal(err), nil
	}
	return Answer{OK: true, Frames: frames, Skipped: skipped}, nil
}

// Watch is Decode of bytes that passed on a line of other people's, and those bytes
// in hexadecimal. Where a frame among them is "secret", since it carries a password or
// key, the answer is Masked: stars stand for every digit, the checksum's too, and no
// fact tells DATA as they were sent.
func Watch(protocol string, b []byte) (text string, a Answer, err error) {
	text = hex.EncodeToString(b)
	if a, err = Decode(protocol, text); err != nil {
		return "", a, err
	}
	for _, f := range a.Frames {
		if f["secret"] == true {
			delete(f, "data_decoded")
			a.Masked, text = true, strings.Repeat("*", 2*len(b))
		}
	}
	return text, a, nil
}

func refusal(err error) Answer {
	return Answer{Error: err.Error(), Frames: []map[string]any{}}
}

// printable is a meter's text with a space for every control character: some would
// move a terminal's cursor, and U+0085 ends a line for who reads by lines.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// upper is bytes in hexadecimal, as the standards write them.
func upper(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }
