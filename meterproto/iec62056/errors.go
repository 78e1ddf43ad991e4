package iec62056

import (
	"errors"
	"fmt"
)

// Why bytes are no message. A wrong block check is a *CheckError.
var (
	// ErrIncomplete: so far this could be a message; bytes are missing.
	ErrIncomplete = errors.New("message is cut short")
	// ErrMalformed: no further byte could make a message of this. It comes as a
	// *FormError.
	ErrMalformed = errors.New("not an IEC 62056-21 message")
)

// CheckError is a block check or CRC that is wrong.
type CheckError struct {
	Offset    int // of the check
	Got, Want uint16
}

func (e *CheckError) Error() string {
	return fmt.Sprintf("block check %02X at byte %d, want %02X", e.Got, e.Offset, e.Want)
}

// FormError is what is wrong with a message, and at which byte of it.
type FormError struct {
	Offset int
	Reason string
}

func (e *FormError) Error() string {
	return fmt.Sprintf("%v: byte %d: %s", ErrMalformed, e.Offset, e.Reason)
}

// Unwrap is ErrMalformed.
func (e *FormError) Unwrap() error { return ErrMalformed }

// fault is an error that costs nothing until somebody wants to know it: in
// noise, most attempts end in one.
type fault struct {
	kind      faultKind
	at        int
	reason    string
	got, want byte
}

type faultKind uint8

const (
	none faultKind = iota
	cut
	form
	check
)

// err is the fault for callers.
func (f fault) err() error {
	switch f.kind {
	case none:
		return nil
	case cut:
		return fmt.Errorf("%w: %d bytes, %s", ErrIncomplete, f.at, f.reason)
	case check:
		return &CheckError{f.at, uint16(f.got), uint16(f.want)}
	}
	return &FormError{f.at, f.reason}
}
