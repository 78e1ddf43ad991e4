package apdu

import (
	"errors"
	"fmt"
)

// Limits of a short APDU (ISO 7816-4 §5.1).
const (
	MaxData = 255
	MaxLe   = 256
)

// ErrCommand is a command that no short APDU can express: a mistake of the caller.
var ErrCommand = errors.New("command does not fit a short APDU")

// Command is one short command APDU.
type Command struct {
	CLA, INS, P1, P2 byte
	Data             []byte // at most MaxData bytes
	Le               int    // bytes wanted back, 0 for none, at most MaxLe
}

// Bytes encodes the command. Without data and without Le it is the header and
// a zero, as T=0 wants it.
func (c Command) Bytes() ([]byte, error) {
	if len(c.Data) > MaxData || c.Le < 0 || c.Le > MaxLe {
		return nil, fmt.Errorf("%w: %d data bytes, le %d", ErrCommand, len(c.Data), c.Le)
	}
	b := make([]byte, 0, 4+1+len(c.Data)+1)
	b = append(b, c.CLA, c.INS, c.P1, c.P2)
	if len(c.Data) > 0 {
		b = append(append(b, byte(len(c.Data))), c.Data...)
		if c.Le == 0 {
			return b, nil
		}
	}
	return append(b, byte(c.Le)), nil // 256 is sent as 00
}

// changes tells that the command changes what a card holds for its meter: a caller that
// sent none knows the card to be as it was. Presenting a code spends a try, and is
// not meant here; presenting an AT88SC102's erase key (at 56 and 9C) is.
func (c Command) changes() bool {
	switch uint16(c.CLA)<<8 | uint16(c.INS) {
	case 0x00D6, 0x04D6: // UPDATE BINARY
		return true
	case 0xFFD0, 0xFFD1, 0xFFD2, 0xFFD6, 0xFFD7: // a memory chip's, through its reader
		return true
	case 0x8052, 0x8054: // CREDIT FOR LOAD, DEBIT FOR PURCHASE or UNLOAD
		return true
	case 0xFF20:
		return c.P2 == 0x56 || c.P2 == 0x9C
	}
	return false
}
