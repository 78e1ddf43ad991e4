package terminal

import "github.com/vendgate/vendgate/cardio/apdu"

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
	0xA4: always, // SELECT CARD TYPE, of the chips in dataOf
	0x01: always, // page size
	0xB0: always, // read
	0xB1: always, // read a counter, a configuration or a value
	0xB2: always, // read the protection bits
	0xCA: always, // UID
	0x20: always, // present a PSC or password, erase a zone for its update
	0x82: always, // load a key into the reader until it loses power, or the second half of AT88SC's authentication
	0x84: always, // the first half
	0x86: always, // authenticate a sector
	0x88: always, // the same, of older readers
	0xD0: always, // write, where the chip keeps data: writesData
	0xD6: always, // write a block
	0xD7: always, // write a value
	0xD1: issues, // protect, or write a configuration
	0xD2: issues, // change the PSC
}

// loadKey is the instruction that gives a reader a key.
const loadKey = 0x82

// secureMessaging is the class bit of a command that carries a MAC.
const secureMessaging = 0x04

// permitOf judges one command by what it would do to a chip that the reader takes for k.
func permitOf(k cardType, c apdu.Command) permit {
	if c.CLA != 0xFF {
		return cardInstructions[[2]byte{c.CLA &^ secureMessaging, c.INS}]
	}
	p := readerInstructions[c.INS]
	switch {
	case c.INS == selectType && !known(c):
		return never
	case c.INS == loadKey && c.P1 != 0: // the reader would keep the key for ever
		return never
	case p == always && (trailer(c) || c.INS == 0xD0 && !k.writesData(c)):
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

// refused finds the first command of a script that may not be sent to a chip that the reader takes for k; ok is true where
// all may.
func refused(k cardType, steps []apdu.Step, mayIssue bool) (first apdu.Command, ok bool) {
	for _, s := range steps {
		if p := permitOf(k, s.Command); p == never || p == issues && !mayIssue {
			return s.Command, false
		}
		k = k.after(s.Command, len(s.Want) == 0) // the next step is sent only if this one was done
	}
	return apdu.Command{}, true
}
