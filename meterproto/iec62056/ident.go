package iec62056

// Identification is what a meter calls itself (§6.3.2).
type Identification struct {
	Maker  [3]byte // letters; a small third one: the meter answers within 20 ms
	Baud   byte    // which baud rate it can, and so in which mode
	Escape []byte  // \W pairs in front of the name: \2 offers binary mode (mode E)
	Name   []byte
}

// the longest parts that are taken. The standard has 16 for a name; meters in
// the field have more.
const (
	maxName   = 64
	maxDevice = 32
)

// FastAnswer tells whether the meter answers within 20 ms instead of 200 ms.
func (i Identification) FastAnswer() bool { return i.Maker[2] >= 'a' && i.Maker[2] <= 'z' }

// Mode is the protocol mode that the baud character tells: 'A' without a change
// of the baud rate, 'B' with one unasked, 'C' with one that is asked for. Mode D
// cannot be told by it: such a meter goes on with its data.
func (i Identification) Mode() byte {
	switch {
	case i.Baud >= '0' && i.Baud <= '9':
		return 'C'
	case i.Baud >= 'A' && i.Baud <= 'I':
		return 'B'
	}
	return 'A'
}

// BaudRate is the rate that the baud character stands for; ok is false where
// the standard leaves it open.
func (i Identification) BaudRate() (rate int, ok bool) {
	rates := [...]int{300, 600, 1200, 2400, 4800, 9600, 19200}
	at := int(i.Baud) - '0'
	if i.Mode() == 'B' {
		at = int(i.Baud) - 'A' + 1
	}
	if at < 0 || at >= len(rates) {
		return 0, false
	}
	return rates[at], true
}

// Option is the master's choice after an identification (§6.3.3): the protocol
// ('0' normal), the baud rate, and what is wanted ('0' readout, '1' programming).
type Option struct{ Protocol, Baud, Mode byte }

// appendTo appends the identification without its line break.
func (i Identification) appendTo(dst []byte) []byte {
	dst = append(append(dst, '/'), i.Maker[:]...)
	dst = append(append(dst, i.Baud), i.Escape...)
	return append(dst, i.Name...)
}

// wrong says why no meter calls itself so, "" where it may.
func (i Identification) wrong() string {
	for _, x := range i.Maker {
		if !letter(x) {
			return "a maker has three letters"
		}
	}
	switch {
	case !printable(i.Baud) || i.Baud == '?' || i.Baud == '\\':
		return "no baud rate is called so"
	case len(i.Name) > maxName:
		return "the identification is too long"
	case len(i.Escape)%2 != 0 || len(i.Name) > 0 && i.Name[0] == '\\':
		return "a name does not begin with a backslash"
	}
	for at := 0; at < len(i.Escape); at += 2 {
		if i.Escape[at] != '\\' || !printable(i.Escape[at+1]) {
			return "an escape is a backslash and a character"
		}
	}
	for at, x := range i.Name {
		if !printable(x) && (at > 0 || x != stx) { // \x02: makers that took \2 for a byte
			return "the identification is no text"
		}
	}
	return ""
}

func letter(x byte) bool    { return x|0x20 >= 'a' && x|0x20 <= 'z' }
func printable(x byte) bool { return x >= 0x20 && x <= 0x7E }
