package link

import (
	"fmt"
	"time"
)

// Parity of a character. The zero value is even, as CJ/T 188 §1 has it.
type Parity byte

const (
	Even Parity = iota
	None
	Odd
)

// letter is the middle of "8E1".
func (p Parity) letter() string { return [...]string{"E", "N", "O"}[p] }

// MaxBaud is the highest rate that Mode takes; meters use 300 to 9600.
const MaxBaud = 115200

// Mode is how characters go over the line: eight data bits, one stop bit.
type Mode struct {
	Baud   int
	Parity Parity
	// Patience stretches every waiting time for meters and adapters that are
	// slower than the standard. 0 is 1.
	Patience float64
}

// check says what is wrong with the mode.
func (m Mode) check() error {
	switch {
	case m.Baud < 1 || m.Baud > MaxBaud:
		return fmt.Errorf("baud rate %d: want 1 to %d", m.Baud, MaxBaud)
	case m.Parity > Odd:
		return fmt.Errorf("parity %d: want even, none or odd", m.Parity)
	case m.Patience < 0 || m.Patience > 100:
		return fmt.Errorf("patience %g: want up to 100", m.Patience)
	}
	return nil
}

// char is the time of one character.
func (m Mode) char() time.Duration {
	bits := 11
	if m.Parity == None {
		bits = 10
	}
	return time.Duration(bits) * time.Second / time.Duration(m.Baud)
}

// stretch applies the patience.
func (m Mode) stretch(d time.Duration) time.Duration {
	if m.Patience == 0 {
		return d
	}
	return time.Duration(float64(d) * m.Patience)
}

// String is the usual short form, "2400 8E1".
func (m Mode) String() string { return fmt.Sprintf("%d 8%s1", m.Baud, m.Parity.letter()) }
