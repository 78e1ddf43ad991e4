package link

import (
	"errors"

	"github.com/vendgate/vendgate/meterproto"
)

var (
	// ErrBusy: another program holds the port.
	ErrBusy = errors.New("another program uses the port: stop it first")
	// ErrParity: the driver dropped the parity that was asked for.
	ErrParity = errors.New("the adapter cannot do this parity: set parity none, or use another adapter")
	// ErrRS485: the port's driver does not steer RS-485.
	ErrRS485 = errors.New("the port does not switch RS-485 by itself: set rs485 to false if the adapter does")
	// ErrNotDialled: the DTU is not connected to us.
	ErrNotDialled = errors.New("the DTU has not dialled in: check its power, its SIM card and the address it dials")
	// ErrReplaced: the DTU dialled in again; the older connection was given up.
	ErrReplaced = errors.New("the DTU dialled in again")
	// ErrClosed: Close was called on the line.
	ErrClosed = errors.New("the line was closed")
)

// GoneError is a wire that failed under a line, or could not be opened.
// errors.Is knows it as meterproto.ErrLineGone and by its cause: fs.ErrNotExist,
// fs.ErrPermission, another error of this package, or the system's own.
type GoneError struct {
	Line string // the port's name
	Err  error
}

func (e *GoneError) Error() string {
	return "line " + e.Line + ": " + meterproto.ErrLineGone.Error() + ": " + e.Err.Error()
}

// Unwrap is the sentinel and the cause.
func (e *GoneError) Unwrap() []error { return []error{meterproto.ErrLineGone, e.Err} }
