package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"github.com/vendgate/vendgate/cardio/apdu"
	"github.com/vendgate/vendgate/vending"
)

// protocol is the WebSocket subprotocol: an agent and a service of different ones do
// not understand each other.
const protocol = "vendgate-terminal-2"

// maxFrame is the most bytes of one message, either way. The longest script there is
// writes 32 KiB of a memory card.
const maxFrame = 256 << 10

// Kind is what a frame asks for.
type Kind string

// The kinds of frame.
const (
	Connect  Kind = "connect"  // power up whatever card is in the reader; always frame 0
	Transmit Kind = "transmit" // send one command
	Script   Kind = "script"   // send several, in order, as far as they are answered as wanted
	Close    Kind = "close"    // let go of the card; it has no answer
)

// Frame is what the service asks of an agent. The same number of the same insertion
// is always the same frame.
type Frame struct {
	Insertion uuid.UUID   `json:"insertion"`
	N         uint32      `json:"n"`
	Kind      Kind        `json:"kind"`
	Command   []byte      `json:"command,omitempty"`
	Steps     []apdu.Step `json:"steps,omitempty"`
	Signature []byte      `json:"signature,omitempty"` // of a script
}

// Answer is what became of one frame.
type Answer struct {
	Insertion uuid.UUID    `json:"insertion"`
	N         uint32       `json:"n"`
	Fault     Fault        `json:"fault,omitempty"`
	INS       string       `json:"ins,omitempty"`     // of FaultInstruction: class and instruction, in hex
	ATR       []byte       `json:"atr,omitempty"`     // of Connect
	Reader    string       `json:"reader,omitempty"`  // of Connect: the reader that was chosen
	Issues    bool         `json:"issues,omitempty"`  // of Connect: what makes files and keys is sent too
	Response  []byte       `json:"resp,omitempty"`    // of Transmit: data and status word
	Replies   []apdu.Reply `json:"replies,omitempty"` // of Script
}

// Hello is the first thing that an agent says on a line.
type Hello struct {
	Run    uuid.UUID `json:"run"`    // random, of this run of the program
	Reader string    `json:"reader"` // empty: the only one
}

// Message is what an agent says: exactly one of these.
type Message struct {
	Hello    *Hello  `json:"hello,omitempty"`
	Answer   *Answer `json:"answer,omitempty"`
	Inserted bool    `json:"inserted,omitempty"` // a card is in the reader
}

// Encode is the frame as it goes over the line.
func (f Frame) Encode() []byte { return encode(f) }

// DecodeFrame reads a frame. It takes one spelling only: what Encode writes; anything
// else is vending.ErrFrame.
func DecodeFrame(b []byte) (Frame, error) {
	f, err := decode[Frame](b)
	if err == nil && !f.sound() {
		return Frame{}, vending.ErrFrame.With("Reason", "a frame of kind "+fmt.Sprintf("%.16q", string(f.Kind)))
	}
	return f, err
}

// sound says whether the frame carries what its kind needs, and nothing else.
func (f Frame) sound() bool {
	command, script := len(f.Command) > 0, len(f.Steps) > 0
	if f.Insertion == uuid.Nil {
		return false
	}
	switch f.Kind {
	case Connect:
		return f.N == 0 && !command && !script && f.Signature == nil
	case Close:
		return f.N > 0 && !command && !script && f.Signature == nil
	case Transmit:
		return f.N > 0 && command && !script && f.Signature == nil
	case Script:
		return f.N > 0 && !command && script
	}
	return false
}

// Encode is the answer as it goes to a command of the service's machine; on a terminal's line it is part of a Message.
func (a Answer) Encode() []byte { return encode(a) }

// Encode is the message as it goes over the line.
func (m Message) Encode() []byte { return encode(m) }

// DecodeMessage reads what an agent says, as strictly as DecodeFrame.
func DecodeMessage(b []byte) (Message, error) {
	m, err := decode[Message](b)
	parts := 0
	for _, said := range []bool{m.Hello != nil, m.Answer != nil, m.Inserted} {
		if said {
			parts++
		}
	}
	if err == nil && parts != 1 {
		return Message{}, vending.ErrFrame.With("Reason", fmt.Sprintf("a message that says %d things", parts))
	}
	return m, err
}

// encode writes one of our own types, which JSON can always express.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// decode takes only what encode writes. What is wrong is said without quoting what
// came: it may hold a card's data.
func decode[T any](b []byte) (v T, err error) {
	var none T
	if len(b) > maxFrame {
		return none, vending.ErrFrameTooBig.With("Bytes", len(b), "Limit", maxFrame)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return none, vending.ErrFrame.With("Reason", "no JSON of ours")
	}
	if !bytes.Equal(encode(v), b) {
		return none, vending.ErrFrame.With("Reason", "another spelling than ours")
	}
	return v, nil
}
