package modbus

import (
	"errors"
	"fmt"

	"github.com/vendgate/vendgate/meterproto"
)

// Why bytes are no frame. A wrong CRC is a *CRCError.
var (
	// ErrIncomplete: so far this could be a frame; bytes are missing.
	ErrIncomplete = errors.New("frame is cut short")
	// ErrMalformed: no further byte could make a frame of this. It comes as a
	// *FormError.
	ErrMalformed = errors.New("not a Modbus frame")
)

// CRCError is a serial frame whose CRC is wrong.
type CRCError struct{ Got, Want uint16 }

func (e *CRCError) Error() string { return fmt.Sprintf("CRC %04X, want %04X", e.Got, e.Want) }

// FormError is what is wrong with a message, and at which byte of it. In an
// error about a whole frame the offset counts from the frame's first byte.
type FormError struct {
	Offset int
	Reason string
}

func (e *FormError) Error() string {
	return fmt.Sprintf("%v: byte %d: %s", ErrMalformed, e.Offset, e.Reason)
}

// Unwrap is ErrMalformed.
func (e *FormError) Unwrap() error { return ErrMalformed }

// RangeError is a message that has its form and its size, but a quantity, a value
// or an address that the standard forbids: a slave answers it with exception 2 or
// 3 (§6.1 to §6.12). Message is what it says.
type RangeError struct {
	*FormError
	Message Message
}

// Unwrap is the FormError.
func (e *RangeError) Unwrap() error { return e.FormError }

// malformed is a FormError.
func malformed(offset int, format string, args ...any) error {
	return &FormError{Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

// behind moves an error about a message behind the n bytes before it.
func behind(n int, err error) error {
	if form, ok := errors.AsType[*FormError](err); ok {
		form.Offset += n
	}
	return err
}

// stale says of a whole reply that it answers another request.
func stale(m, request Message) error {
	return fmt.Errorf("%w: %v with %d bytes of data does not answer %v of %d at %d",
		meterproto.ErrStale, m.Function, len(m.Data), request.Function, request.Quantity, request.Address)
}
