package iec62056

// The control characters that have a meaning here.
const (
	soh = 0x01
	stx = 0x02
	etx = 0x03
	eot = 0x04
	ack = 0x06
	nak = 0x15
)

// Kind is the form of a message.
type Kind uint8

// The forms.
const (
	SignOn       Kind = iota // /?Device! (§6.3.1)
	Identified               // Ident alone: the meter waits for an Option (§6.3.2)
	OptionSelect             // Option (§6.3.3)
	Readout                  // Fields up to "!", behind Ident where it came along (§6.4, §6.5)
	Answer                   // Fields of one answer in programming mode (§6.5)
	Command                  // Code and Fields (§6.5.2)
	Accepted                 // ACK alone
	Repeat                   // NAK alone
)

// Seal is what proves a message.
type Seal uint8

// The seals. BrokenCRC is what a telegram has whose text was changed after the
// meter sent it; a block check that is wrong is an error instead.
const (
	Unsealed Seal = iota
	BCC
	Sum // in the place of a BCC, by Kamstrup's meters
	CRC
	BrokenCRC
)

// Message is one message: which parts of it are there, Kind says. Everything in
// it is a part of the bytes it came from: copy it to keep it.
type Message struct {
	Kind   Kind
	Device []byte // address of a sign-on, empty for any meter
	Ident  Identification
	Option Option
	Code   Code
	Fields []Field
	Block  []byte // the text that Fields are from
	Seal   Seal
	Check  uint16 // the BCC or CRC as it was sent
	More   bool   // a partial block: EOT instead of ETX, another follows
}

// Code is a command and its type: "R1" is 'R'<<8 | '1'.
type Code uint16

// The commands of programming mode (§6.5.2). Digits that are not named here are
// the maker's, or later editions'.
const (
	PasswordSeed   Code = 'P'<<8 | '0' // a number that the password is computed with
	Password       Code = 'P'<<8 | '1'
	PasswordResult Code = 'P'<<8 | '2' // a password computed with the seed
	Write          Code = 'W'<<8 | '1'
	WriteFormatted Code = 'W'<<8 | '2'
	Read           Code = 'R'<<8 | '1'
	ReadFormatted  Code = 'R'<<8 | '2'
	ReadPartly     Code = 'R'<<8 | '3' // in partial blocks
	Execute        Code = 'E'<<8 | '2'
	Break          Code = 'B'<<8 | '0'
)

// String is the command as it is on the wire.
func (c Code) String() string { return string([]byte{byte(c >> 8), byte(c)}) }

// Secret tells whether the command's data is a password or leads to one: it
// belongs in no log and on no page.
func (c Code) Secret() bool { return c>>8 == 'P' }

// valid tells whether a command may be called so.
func (c Code) valid() bool {
	switch c >> 8 {
	case 'P', 'W', 'R', 'E', 'B':
		return byte(c) >= '0' && byte(c) <= '9'
	}
	return false
}
