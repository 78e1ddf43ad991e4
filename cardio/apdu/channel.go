package apdu

import (
	"errors"
	"fmt"
)

// ErrDead ends a channel: whatever answers on its link from now on need not be
// the card that answered before (pcsc.md §6).
var ErrDead = errors.New("the link to the card is dead")

// maxRounds bounds the 61xx and 6Cxx conversation about one command.
const maxRounds = 4

// Transmitter sends the bytes of one command and returns data || SW1 SW2.
type Transmitter interface {
	Transmit(command []byte) ([]byte, error)
}

// Traffic counts what went over a channel.
type Traffic struct {
	Commands int // APDUs sent, GET RESPONSE and resends included
	Written  int // bytes of commands that change what a card holds, the secure-messaging MAC included
}

// add counts one command as sent.
func (t *Traffic) add(cmd Command) {
	t.Commands++
	if cmd.changes() {
		t.Written += len(cmd.Data)
	}
}

// Channel is the conversation with one powered card. It is not safe for
// concurrent use: a card answers one command at a time.
type Channel struct {
	link    Transmitter
	traffic Traffic
	dead    error // set once, never cleared
}

// NewChannel starts a conversation over link.
func NewChannel(link Transmitter) *Channel { return &Channel{link: link} }

// Traffic is what was sent so far.
func (c *Channel) Traffic() Traffic { return c.traffic }

// Send exchanges one command and returns its data. A refusal is a *StatusError,
// beside the data for the warning 6281; anything that the transport does wrong
// wraps ErrDead, then and for ever after. A command without Le that leaves data
// to fetch (61xx) is done: nobody asked for it.
func (c *Channel) Send(cmd Command) ([]byte, error) {
	r, err := c.send(cmd)
	if err != nil {
		return nil, err
	}
	return r.Data, Step{Command: cmd}.Judge(r)
}

// send exchanges one command until the card has said its last word on it.
func (c *Channel) send(cmd Command) (Reply, error) {
	next := cmd
	var data []byte // of an answer in parts, all of them
	for range maxRounds {
		part, sw, err := c.exchange(next)
		data = append(data, part...)
		switch {
		case err != nil:
			return Reply{}, err
		case sw>>8 == 0x61 && cmd.Le == 0:
			return Reply{data, Done}, nil
		case sw>>8 == 0x61:
			next = Command{INS: 0xC0, Le: le(sw)}
		case sw>>8 == 0x6C:
			next.Le = le(sw)
		default:
			return Reply{data, sw}, nil
		}
	}
	return Reply{}, c.kill(fmt.Errorf("command %02X: the card asks for another round for ever", cmd.INS))
}

// le reads the length in 61xx and 6Cxx: 00 stands for 256.
func le(sw Status) int {
	if n := int(sw & 0xFF); n > 0 {
		return n
	}
	return MaxLe
}

// exchange sends one APDU and splits its answer.
func (c *Channel) exchange(cmd Command) ([]byte, Status, error) {
	if c.dead != nil {
		return nil, 0, c.dead
	}
	b, err := cmd.Bytes()
	if err != nil {
		return nil, 0, err
	}
	c.traffic.add(cmd)
	answer, err := c.link.Transmit(b)
	if err != nil {
		return nil, 0, c.kill(err)
	}
	if len(answer) < 2 || len(answer) > MaxLe+2 {
		return nil, 0, c.kill(fmt.Errorf("answer of %d bytes", len(answer)))
	}
	n := len(answer) - 2
	return answer[:n:n], Status(answer[n])<<8 | Status(answer[n+1]), nil
}

// kill ends the channel with cause.
func (c *Channel) kill(cause error) error {
	c.dead = fmt.Errorf("%w: %w", ErrDead, cause)
	return c.dead
}
