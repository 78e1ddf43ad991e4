package dlt645

import "fmt"

// Baud is the byte Z of a baud rate: one bit, a rate (Annex C of the 2007
// edition: bit 1 is 600, bit 6 is 19200). The reference's list (§1) is one bit
// lower; two decoders and the Annex say otherwise, and a meter that took the
// wrong rate would be lost to its line.
type Baud byte

// The rates.
const (
	Baud600 Baud = 1 << (iota + 1)
	Baud1200
	Baud2400
	Baud4800
	Baud9600
	Baud19200
)

// Rate is the rate in bits a second. ok is false where it is none of the table.
func (z Baud) Rate() (rate int, ok bool) {
	rate = 600
	for bit := Baud600; bit <= Baud19200; bit <<= 1 {
		if z == bit {
			return rate, true
		}
		rate *= 2
	}
	return 0, false
}

// Frame asks meter a to change to the rate (C = 17). The meter answers at the old
// rate, with the rate it takes.
func (z Baud) Frame(a Address) Frame {
	return Frame{Address: a, Control: SetBaud, Data: []byte{byte(z)}}
}

// ReplyFrame is the answer of meter a.
func (z Baud) ReplyFrame(a Address) Frame {
	return Frame{Address: a, Control: SetBaud.Reply(), Data: []byte{byte(z)}}
}

// DecodeBaud reads a request that Baud.Frame made, or the answer to it. Errors:
// those of [Refused], and ErrMalformed where the frame is anything else or the
// rate is none of the table.
func DecodeBaud(f Frame) (Baud, error) {
	if err := Refused(f); err != nil {
		return 0, err
	}
	if f.Control != SetBaud && f.Control != SetBaud.Reply() || len(f.Data) != 1 {
		return 0, malformed(f, "baud rate")
	}
	z := Baud(f.Data[0])
	if _, ok := z.Rate(); !ok {
		return 0, fmt.Errorf("%w: %02X is no baud rate", ErrMalformed, f.Data[0])
	}
	return z, nil
}
