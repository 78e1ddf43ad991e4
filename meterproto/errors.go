package meterproto

import "errors"

// How an exchange with a meter can fail. Every error of link and gateway that
// is not a context's own wraps exactly one of these.
var (
	// ErrNoAnswer: the line stayed silent for as long as the protocol allows.
	ErrNoAnswer = errors.New("no answer from the meter: check address, wiring and baud rate")
	// ErrGarbage: bytes came, but no answer that passes every check.
	ErrGarbage = errors.New("the line gives garbage: check baud rate, parity and polarity")
	// ErrWrongMeter: a whole answer came, from an address that was not asked.
	ErrWrongMeter = errors.New("another meter answered: check the address, and for two masters on the line")
	// ErrStale: the right meter answered, but to another request than the last.
	ErrStale = errors.New("the meter answers an earlier request: give it more time")
	// ErrAbnormal: the meter answered that it cannot do what was asked.
	ErrAbnormal = errors.New("the meter refuses the request")
	// ErrLayout: the answer is whole, but its layout is none that we can read.
	ErrLayout = errors.New("the meter answers in a layout that is not known")
	// ErrLineGone: the serial port is unplugged, closed or cannot be opened.
	ErrLineGone = errors.New("the line is gone: plug the adapter in again")
	// ErrSpeed: the line has one baud rate, or none.
	ErrSpeed = errors.New("the line cannot change to this baud rate: use a serial port, or a mode of the protocol without a change")
)
