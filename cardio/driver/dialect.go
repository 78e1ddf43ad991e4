package driver

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/cardio/apdu"
)

// Dialect is how a reader of ACS shows memory chips: the zero Dialect asks the
// reader. It is a value, so that a reader seen tomorrow is a line and no fork.
type Dialect struct {
	Name string
	// Tail: what is read of an SLE44xx is followed by protection bits, and Le is 00 where a counter is read.
	Tail bool
	// Echo: presenting a code is answered with counter, code and 9000, and not with 90 and the counter.
	Echo bool
	// KeySlot is where the reader keeps the MIFARE key that it forgets when it loses power.
	KeySlot byte
}

// NewACS is the dialect of ACR39, ACR3901 and ACR1281 (cards.md §3), and the ACR122's key slot.
func NewACS() Dialect { return Dialect{Name: "acs"} }

// OldACS is the dialect of the ACR38 of 2006 to 2008, and the ACR128's key slot.
func OldACS() Dialect { return Dialect{Name: "acs-2006", Tail: true, Echo: true, KeySlot: 0x20} }

// ErrDialect means that the reader answered in a form that its dialect does not have.
var ErrDialect = errors.New("the reader speaks another dialect than it is configured for")

// pseudo makes a command to the reader, class FF. Its second and third byte are an
// address in most of them.
func pseudo(ins byte, address int, data []byte, le int) apdu.Command {
	return apdu.Command{CLA: 0xFF, INS: ins, P1: byte(address >> 8), P2: byte(address), Data: data, Le: le}
}

// selectType is SELECT CARD TYPE, the first command after every insertion.
func selectType(typ byte) apdu.Command { return pseudo(0xA4, 0, []byte{typ}, 0) }

// run sends commands as one script, up to the first that fails: a line that drops does not stop it half-way.
func run(ch *apdu.Channel, commands ...apdu.Command) error {
	steps := make([]apdu.Step, len(commands))
	for i, c := range commands {
		steps[i].Command = c
	}
	_, err := ch.Run(steps...)
	return err
}

// exact sends a command that must be answered with as many bytes as it asks for.
func exact(ch *apdu.Channel, cmd apdu.Command) ([]byte, error) {
	data, err := ch.Send(cmd)
	if err == nil && len(data) != cmd.Le {
		err = fmt.Errorf("%w: %d of %d", ErrShort, len(data), cmd.Le)
	}
	if err != nil {
		return nil, err
	}
	return data, nil
}

// isRefusal tells that the card or the reader answered, with a refusal.
func isRefusal(err error) bool {
	var s *apdu.StatusError
	return errors.As(err, &s)
}

// present presents a code with the command FF 20 and gives the counter that the
// reader read after it; 0 is locked. Here, and nowhere else, 9000 is no success:
// in one dialect it says that the code is locked for ever (cards.md §3).
func (d Dialect) present(ch *apdu.Channel, cmd apdu.Command, code []byte) (counter byte, err error) {
	data, err := ch.Send(cmd)
	if d.Echo || d.Name == "" && len(data) > 0 { // not configured, and nothing to ask: the forms cannot be confused
		return echoed(data, err, code)
	}
	var s *apdu.StatusError
	switch {
	case errors.As(err, &s) && s.Status>>8 == 0x90 && len(data) == 0:
		return byte(s.Status), nil
	case err == nil && len(data) == 0:
		return 0, nil
	case err == nil:
		return 0, fmt.Errorf("%w: %d bytes with the answer to a code", ErrDialect, len(data))
	}
	return 0, err
}

// echoed reads the old answer: counter and code. A code that comes back as
// another one was not taken, whatever the counter says.
func echoed(data []byte, err error, code []byte) (byte, error) {
	var s *apdu.StatusError
	switch {
	case errors.As(err, &s) && s.Status>>8 == 0x90, err == nil && len(data) != 1+len(code):
		return 0, fmt.Errorf("%w: %d bytes with the answer to a code", ErrDialect, len(data))
	case err != nil:
		return 0, err
	case data[0] != 0 && !bytes.Equal(data[1:], code):
		return 0, fmt.Errorf("%w: it echoed another one", ErrSecret)
	}
	return data[0], nil
}
