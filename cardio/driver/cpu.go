package driver

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// maxRead is the most that one READ BINARY asks for; FMCOS stops at 239 (cards.md §1).
const maxRead = 200

// Errors of the driver's own; a card's refusal is an *apdu.StatusError.
var (
	ErrTriesLow = errors.New("one try or none is left of the card's key")
	ErrShort    = errors.New("the card answered with the wrong number of bytes")
)

// CPU is a powered CPU card.
type CPU struct {
	ch       *apdu.Channel
	refusals map[byte]error // of authentications, by key: none is sent after it
}

// New speaks to the CPU card at the end of ch.
func New(ch *apdu.Channel) *CPU { return &CPU{ch: ch, refusals: map[byte]error{}} }

// Select enters the DF with that name. Its security state starts at zero.
func (c *CPU) Select(name []byte) error {
	_, err := c.ch.Send(selectName(name))
	return step("select the application", err)
}

func selectName(name []byte) apdu.Command { return apdu.Command{INS: 0xA4, P1: 0x04, Data: name} }

// SelectID enters the DF with that id; 3F00 is the MF.
func (c *CPU) SelectID(fid uint16) error {
	_, err := c.ch.Send(apdu.Command{INS: 0xA4, Data: []byte{byte(fid >> 8), byte(fid)}})
	return step("select a directory", err)
}

// UpdateBinary writes data into the EF with that SFI, in one command under
// secure messaging. Whether it took is for a read-back to say.
func (c *CPU) UpdateBinary(sfi, offset byte, data []byte, key MessageKey) error {
	cmd := apdu.Command{INS: 0xD6, P1: 0x80 | sfi, P2: offset, Data: data}
	return step("write a file", c.secure(cmd, key))
}

// step names what was being done when err happened.
func step(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
