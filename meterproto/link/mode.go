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

// MaxLatency is the longest way over a network that Mode takes.
const MaxLatency = 30 * time.Second

// Mode is how characters go over the line.
type Mode struct {
	Baud   int
	Parity Parity
	Bits   int // data bits: 7 (optical heads, IEC 62056-21) or 8; 0 is 8
	Stops  int // stop bits: 1 or 2; 0 is 1
	// RS485 asks the port's driver to hold the line while it sends, and to let go
	// of it after. Adapters that do so by themselves need nothing.
	RS485 bool
	// Patience stretches every waiting time for meters and adapters that are
	// slower than the standard. 0 is 1.
	Patience float64
	// Latency is added to every waiting time: what a network needs there and back.
	Latency time.Duration
}

// Check says what is wrong with the mode.
func (m Mode) Check() error {
	switch {
	case m.Baud < 1 || m.Baud > MaxBaud:
		return fmt.Errorf("baud rate %d: want 1 to %d", m.Baud, MaxBaud)
	case m.Parity > Odd:
		return fmt.Errorf("parity %d: want even, none or odd", m.Parity)
	case m.bits() != 7 && m.bits() != 8:
		return fmt.Errorf("%d data bits: want 7 or 8", m.Bits)
	case m.stops() != 1 && m.stops() != 2:
		return fmt.Errorf("%d stop bits: want 1 or 2", m.Stops)
	case m.Patience < 0 || m.Patience > 100:
		return fmt.Errorf("patience %g: want up to 100", m.Patience)
	case m.Latency < 0 || m.Latency > MaxLatency:
		return fmt.Errorf("latency %v: want up to %v", m.Latency, MaxLatency)
	}
	return nil
}

func (m Mode) bits() int {
	if m.Bits == 0 {
		return 8
	}
	return m.Bits
}

func (m Mode) stops() int {
	if m.Stops == 0 {
		return 1
	}
	return m.Stops
}

// char is the time of one character: a start bit, data, parity, stop bits.
func (m Mode) char() time.Duration {
	bits := 1 + m.bits() + m.stops()
	if m.Parity != None {
		bits++
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
func (m Mode) String() string {
	return fmt.Sprintf("%d %d%s%d", m.Baud, m.bits(), m.Parity.letter(), m.stops())
}
