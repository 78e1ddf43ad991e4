package terminal

import (
	"slices"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// permit is what an agent makes of an instruction.
type permit uint8

// The zero value refuses: what is not in a table is not sent.
const (
	never  permit = iota
	issues        // only with --allow-issue: it makes files, keys or protection
	always        // reading, authenticating, updating
)

// cardInstructions are those of CPU cards by class and instruction, secure messaging
// (class bit 04) apart: ISO 7816-4, PBOC and FMCOS (cards.md §1, §2).
var cardInstructions = map[[2]byte]permit{
	{0x00, 0xA4}: always, // SELECT
	{0x00, 0xB0}: always, // READ BINARY
	{0x00, 0xB2}: always, // READ RECORD
	{0x00, 0xD6}: always, // UPDATE BINARY
	{0x00, 0xDC}: always, // UPDATE RECORD
	{0x00, 0x20}: always, // VERIFY
	{0x00, 0x82}: always, // EXTERNAL AUTHENTICATE
	{0x00, 0x84}: always, // GET CHALLENGE
	{0x00, 0x88}: always, // INTERNAL AUTHENTICATE
	{0x00, 0xC0}: always, // GET RESPONSE
	{0x80, 0x50}: always, // INITIALIZE FOR LOAD
	{0x80, 0x52}: always, // CREDIT FOR LOAD
	{0x80, 0x5A}: always, // GET TRANSACTION PROVE
	{0x80, 0x5C}: always, // GET BALANCE
	{0x80, 0xCA}: always, // GET DATA
	{0x80, 0xE0}: issues, // CREATE FILE
	{0x80, 0x0E}: issues, // ERASE DF
	{0x80, 0xD4}: issues, // WRITE KEY
}

// readerInstructions are the pseudo-APDUs of readers, class FF (cards.md §3, §5). Fuses
// (05), the reader's own settings and its escape command (00) are in no table.
var readerInstructions = map[byte]permit{
	0xA4: always, // SELECT CARD TYPE
	0x01: always, // page size
	0xB0: always, // read
	0xB1: always, // read a counter, a configuration or a value
	0xB2: always, // read the protection bits
	0xCA: always, // UID
	0x20: always, // present a PSC or password, erase a zone for its update
	0x82: always, // load a key into the reader, or the second half of AT88SC's authentication
	0x84: always, // the first half
	0x86: always, // authenticate a sector
	0x88: always, // the same, of older readers
	0xD0: always, // write
	0xD6: always, // write a block
	0xD7: always, // write a value
	0xD1: issues, // protect, or write a configuration
	0xD2: issues, // change the PSC
}

// secureMessaging is the class bit of a command that carries a MAC.
const secureMessaging = 0x04

// permitOf judges one command by what it would do.
func permitOf(c apdu.Command) permit {
	if c.CLA != 0xFF {
		return cardInstructions[[2]byte{c.CLA &^ secureMessaging, c.INS}]
	}
	p := readerInstructions[c.INS]
	if p == always && trailer(c) {
		return issues
	}
	return p
}

// trailer tells whether a MIFARE command writes, or copies a value to, a block that
// holds a sector's keys and access bits (cards.md §5).
func trailer(c apdu.Command) bool {
	keys := func(block byte) bool {
		if block < 128 {
			return block%4 == 3
		}
		return block%16 == 15
	}
	switch c.INS {
	case 0xD6: // a longer one would run into the next blocks
		return keys(c.P2) || len(c.Data) != 16
	case 0xD7:
		return keys(c.P2) || len(c.Data) == 2 && keys(c.Data[1])
	}
	return false
}

// refused finds the first command that may not be sent; ok is true where all may.
func refused(commands []apdu.Command, mayIssue bool) (first apdu.Command, ok bool) {
	i := slices.IndexFunc(commands, func(c apdu.Command) bool {
		p := permitOf(c)
		return p == never || p == issues && !mayIssue
	})
	if i < 0 {
		return apdu.Command{}, true
	}
	return commands[i], false
}
