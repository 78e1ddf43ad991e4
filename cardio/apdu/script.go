package apdu

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// ErrUnlike is an answer whose status was wanted and whose data was not.
var ErrUnlike = errors.New("the card answered with other data than wanted")

// Reply is a card's answer to one command, what 61xx and 6Cxx lead to included.
type Reply struct {
	Data   []byte
	Status Status
}

// Step is one command of a script, and what has to come back before the next
// one is sent.
type Step struct {
	Command
	Want     []Status // one of these; empty: Done
	WantData []byte   // beside it exactly these bytes, as a read-back does; nil: any
}

// Scripter is a link that runs a whole script where the card is, so that a line
// that drops does not stop half-way. It returns the replies up to and with the
// first that was not as wanted. Fewer replies than that, or an error, mean that
// nothing is known about the card any more.
type Scripter interface {
	Script(steps []Step) ([]Reply, error)
}

// Judge is nil for a reply that a step wants, else a *StatusError or ErrUnlike.
func (s Step) Judge(r Reply) error {
	want := s.Want
	if len(want) == 0 {
		want = []Status{Done}
	}
	switch {
	case !slices.Contains(want, r.Status):
		return refusal(s.INS, r.Status)
	case s.WantData != nil && !bytes.Equal(s.WantData, r.Data):
		return fmt.Errorf("command %02X: %w", s.INS, ErrUnlike)
	}
	return nil
}

// Run sends commands in order and stops at the first whose answer is not as
// wanted: then the error is a *StatusError or ErrUnlike, and that answer is the last of
// the replies. On a Scripter all of it is one exchange; on any other link it is as many
// as there are steps, and whoever cuts the line stops it half-way. Of a step that no
// short APDU can express nothing is sent (ErrCommand); ErrDead is as for Send.
func (c *Channel) Run(steps ...Step) ([]Reply, error) {
	for _, s := range steps {
		if _, err := s.Bytes(); err != nil {
			return nil, err
		}
	}
	if far, ok := c.link.(Scripter); ok && len(steps) > 1 {
		return c.script(far, steps)
	}
	var replies []Reply
	for _, s := range steps {
		r, err := c.send(s.Command)
		if err != nil {
			return replies, err
		}
		replies = append(replies, r)
		if err := s.Judge(r); err != nil {
			return replies, err
		}
	}
	return replies, nil
}

// script has the far end run the steps and judges its replies here once more: how
// far it came is for them to say.
func (c *Channel) script(far Scripter, steps []Step) ([]Reply, error) {
	if c.dead != nil {
		return nil, c.dead
	}
	replies, err := far.Script(steps)
	if err != nil {
		c.count(steps) // what was run of it nobody knows
		return nil, c.kill(err)
	}
	for i, s := range steps {
		c.count(steps[i : i+1])
		if i == len(replies) {
			return replies, c.kill(fmt.Errorf("the script broke off at command %02X, step %d of %d", s.INS, i+1, len(steps)))
		}
		if err := s.Judge(replies[i]); err != nil {
			return replies[:i+1], err
		}
	}
	return replies, nil
}

// count takes in what was handed to the far end.
func (c *Channel) count(steps []Step) {
	for _, s := range steps {
		c.traffic.add(s.Command)
	}
}
