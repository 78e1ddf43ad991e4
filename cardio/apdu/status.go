package apdu

import "fmt"

// Status is SW1 SW2 as one number.
type Status uint16

// Status words that a caller branches on.
const (
	Done         Status = 0x9000
	DataDoubtful Status = 0x6281 // also a file that was never written
	KeyLocked    Status = 0x6983
	FileNotFound Status = 0x6A82
)

// Policy is what a status word says about the world, and so what may be done next.
type Policy uint8

// A status word that is not in the table is Unknown.
const (
	Unknown   Policy = iota // the command may or may not have worked: read back
	Untouched               // the command changed nothing: our mistake or a missing condition
	Torn                    // data came, but it may be torn: its MAC decides
	Stop                    // changed nothing, and must not be sent again: a key or the card is at risk
)

// rule is one line of the table; mask tells which bits of the status count.
type rule struct {
	mask, value Status
	policy      Policy
	meaning     string
}

// rules is ISO 7816-4 §5.6 with the PBOC and FMCOS additions; the first line that fits counts.
var rules = [...]rule{
	{0xFFFF, 0x6281, Torn, "data may be wrong"},
	{0xFFFF, 0x6283, Stop, "file or key checksum wrong: exchange the card"},
	{0xFFF0, 0x63C0, Stop, "wrong key"},
	{0xFFFF, 0x6581, Unknown, "memory failure while writing"},
	{0xFFFF, 0x6700, Untouched, "wrong length"},
	{0xFFFF, 0x6900, Untouched, "command refused"},
	{0xFFFF, 0x6901, Untouched, "not allowed in this state"},
	{0xFFFF, 0x6981, Untouched, "wrong type of file"},
	{0xFFFF, 0x6982, Untouched, "not authenticated"},
	{0xFFFF, 0x6983, Stop, "key locked for ever"},
	{0xFFFF, 0x6985, Untouched, "conditions of use not satisfied"},
	{0xFFFF, 0x6986, Untouched, "no current file"},
	{0xFFFF, 0x6987, Untouched, "secure messaging missing"},
	{0xFFFF, 0x6988, Stop, "secure messaging MAC wrong"},
	{0xFFFF, 0x6A80, Untouched, "bad data"},
	{0xFFFF, 0x6A81, Untouched, "not supported, or the card is blocked"},
	{0xFFFF, 0x6A82, Untouched, "file not found"},
	{0xFFFF, 0x6A83, Untouched, "record not found"},
	{0xFFFF, 0x6A84, Untouched, "no room"},
	{0xFFFF, 0x6A86, Untouched, "wrong P1 P2"},
	{0xFFFF, 0x6A88, Untouched, "key not found"},
	{0xFFFF, 0x6A89, Untouched, "file exists already"},
	{0xFFFF, 0x6B00, Untouched, "offset outside the file"},
	{0xFFFF, 0x6D00, Untouched, "unknown instruction"},
	{0xFFFF, 0x6E00, Untouched, "unknown class"},
	{0xFFFF, 0x9302, Stop, "MAC wrong"},
	{0xFFFF, 0x9303, Stop, "application blocked for ever"},
	{0xFFFF, 0x9403, Untouched, "key not found"},
}

// rule finds the table's line for s.
func (s Status) rule() rule {
	for _, r := range rules {
		if s&r.mask == r.value {
			return r
		}
	}
	return rule{policy: Unknown, meaning: "unknown status"}
}

// Policy looks s up in the table.
func (s Status) Policy() Policy { return s.rule().policy }

// StatusError is a card's refusal of one command.
type StatusError struct {
	INS    byte
	Status Status
	Tries  int // tries left of the key that was refused; -1 where the status does not say
}

// refusal makes the typed error of a status word.
func refusal(ins byte, s Status) *StatusError {
	tries := -1
	if s&0xFFF0 == 0x63C0 {
		tries = int(s & 0xF)
	}
	return &StatusError{INS: ins, Status: s, Tries: tries}
}

// Policy says what the refusal means for the world.
func (e *StatusError) Policy() Policy { return e.Status.Policy() }

func (e *StatusError) Error() string {
	m := e.Status.rule().meaning
	if e.Tries >= 0 {
		m = fmt.Sprintf("%s, %d tries left", m, e.Tries)
	}
	return fmt.Sprintf("command %02X: status %04X (%s)", e.INS, uint16(e.Status), m)
}
